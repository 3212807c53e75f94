"""What an API says of the requests it has answered."""

from flask import Flask

from shared.process.health import exposition
from shared.web.measured import measure


def counted(*requests):
    app = Flask("api")
    durations = measure(app)
    app.add_url_rule("/v1/referrals/<referral>", "referral", lambda **_path: "found")
    for method, path in requests:
        app.test_client().open(path, method=method)
    lines = exposition(durations)[0].decode().splitlines()
    return {line.partition(" ")[0].partition("{")[2]: float(line.partition("} ")[2]) for line in lines if "_count{" in line}


def test_requests_are_counted_by_route_method_and_status_and_no_id_is_a_label():
    found = counted(("GET", "/v1/referrals/R-1"), ("GET", "/v1/referrals/R-2"), ("DELETE", "/v1/referrals/R-1"))
    assert found == {
        'method="GET",route="/v1/referrals/<referral>",status="200"}': 2,
        'method="DELETE",route="none",status="405"}': 1,
    }


def test_what_callers_make_up_adds_no_label():
    found = counted(("BREW", "/coffee"), ("STIR", "/tea"))
    assert list(found.values()) == [2]
    assert all('method="other",route="none"' in labels for labels in found)
