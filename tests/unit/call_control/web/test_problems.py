import pytest

from call_control.web.problems import _KNOWN, Fault, Problem, ProblemDetails, type_of


@pytest.mark.parametrize("name", _KNOWN)
def test_every_problem_has_a_status_and_words(name: str) -> None:
    problem = Problem(name, "why", errors=[Fault(field="body.to", detail="no")], headers={"Retry-After": "5"})
    assert 400 <= problem.status < 600
    assert problem.details == ProblemDetails(
        type=f"urn:lampfield:problem:{name}", title=problem.details.title, status=problem.status, detail="why",
        errors=[Fault(field="body.to", detail="no")],
    )  # fmt: skip
    assert problem.headers == {"Retry-After": "5"}
    assert type_of(name) == problem.details.type
    assert str(problem) == f"{name}: why"
