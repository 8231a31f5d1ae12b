import typing

import pytest

from esl_publisher import facts


def test_every_exported_fact_is_one_that_the_machine_takes() -> None:
    taken = {fact.__name__ for fact in typing.get_args(facts.Fact)}

    assert taken == set(facts.__all__) - {"Fact"}


@pytest.mark.parametrize("fact", typing.get_args(facts.Fact))
def test_a_fact_is_frozen(fact: type) -> None:
    assert fact.__struct_config__.frozen  # type: ignore[attr-defined]  # every fact is a Struct


def test_what_the_link_does_not_know_yet_is_none() -> None:
    lost = facts.EslChanged(state="lost")

    assert (lost.hostname, lost.version, lost.core_uuid, lost.domain) == (None, None, None, None)
