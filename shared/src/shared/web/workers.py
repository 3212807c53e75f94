"""Reports the health of the processes other than the API, for operators and alarms; it is not for load balancers."""

from flask import Flask, Response, jsonify

from shared.process.health import Health, Worker


def serve_workers(app: Flask, health: Health) -> None:
    """GET /workersz: each worker's health, and the topics that are halted; 503 when a worker does not do its work, or a topic is halted."""

    @app.get("/workersz")
    def workersz() -> tuple[Response, int]:
        workers, halted = health.workers_now(), health.halted()
        well = all(worker.is_well for worker in workers.values())
        told = {name: _told(worker) for name, worker in workers.items()}
        return jsonify(alive=well, workers=told, halted=halted), 200 if well and not halted else 503


def _told(worker: Worker) -> dict[str, object]:
    return {
        "alive": worker.is_well,
        "seconds_since_last_sign": worker.seconds,
        "keeps_dying": worker.keeps_dying,
        "makes_no_progress": worker.is_stuck,
    }
