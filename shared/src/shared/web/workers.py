"""Reports the health of the processes other than the API, for operators and alarms; it is not for load balancers."""

from flask import Flask, Response, jsonify

from shared.process.health import OLDEST_BEAT, Health


def serve_workers(app: Flask, health: Health) -> None:
    """GET /workersz: the age of each worker's last heartbeat, in seconds; 503 when one is silent."""

    @app.get("/workersz")
    def workersz() -> tuple[Response, int]:
        silences = health.silences()
        workers = {name: {"alive": _is_alive(age), "seconds_since_last_sign": age} for name, age in silences.items()}
        well = all(each["alive"] for each in workers.values())
        return jsonify(alive=well, workers=workers), 200 if well else 503


def _is_alive(age: float | None) -> bool:
    return age is not None and age < OLDEST_BEAT
