import pytest
from unit.referral.fakes import Hub

from referral.application.modalities import CatalogueNotHere, UnknownWish, check_wishes
from referral.domain.modalities import Modality
from referral.domain.values import Wishes
from shared.contracts import scheduling


def listed(code, variants=(), topics=()):
    return Modality(f"london|{code}", "london", code, "referral", variants, topics)


CATALOGUE = [
    listed("analytic", ("consultants-and-gps", "trainees", "women", "30-weeks")),
    listed("time-limited", (), ("mindfulness", "exam-stress")),
    listed("balint"),
]


def problems(**wishes):
    with pytest.raises(UnknownWish) as refused:
        check_wishes(Wishes(**wishes), CATALOGUE)
    return [(p.field, p.reason, p.cure) for p in refused.value.problems]


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(("balint",)),
        Wishes(("analytic",), variants=("women", "30-weeks")),
        Wishes(("time-limited",), topics=("mindfulness",)),
        Wishes(("analytic", "time-limited"), topics=("exam-stress",), variants=("trainees",)),
        Wishes(topics=("mindfulness",), variants=("trainees",)),
    ],
)
def test_a_wish_that_the_catalogue_answers_is_taken(wishes):
    check_wishes(wishes, CATALOGUE)
    with pytest.raises(UnknownWish):  # the same wishes and one that nothing answers
        check_wishes(Wishes((*wishes.modalities, "no-such"), wishes.topics, wishes.variants), CATALOGUE)


def test_an_unknown_modality_is_named_with_those_there_are():
    assert problems(modalities=("analytic", "yoga")) == [
        ("wishes.modalities.1", "'yoga' is not a known modality", "use analytic, balint, time-limited")
    ]


def test_an_unknown_variant_is_named_with_those_of_the_modalities_wished_for():
    assert problems(modalities=("analytic",), variants=("men",)) == [
        ("wishes.variants.0", "'men' is not a known variant of these modalities", "use 30-weeks, consultants-and-gps, trainees, women")
    ]


def test_an_unknown_topic_is_named_with_those_of_the_modalities_wished_for():
    assert problems(modalities=("time-limited",), topics=("sleep",)) == [
        ("wishes.topics.0", "'sleep' is not a known topic of these modalities", "use exam-stress, mindfulness")
    ]


def test_a_topic_of_another_modality_is_no_topic_of_this_one():
    assert problems(modalities=("balint",), topics=("mindfulness",)) == [
        (
            "wishes.topics.0",
            "'mindfulness' is not a known topic of these modalities",
            "leave it empty: there is no topic of these modalities to choose",
        )
    ]


def test_a_modality_s_own_code_is_neither_variant_nor_topic():
    assert [field for field, _, _ in problems(variants=("analytic",), topics=("analytic",))] == ["wishes.variants.0", "wishes.topics.0"]


def test_codes_are_taken_to_the_letter():
    assert [field for field, _, _ in problems(modalities=("Analytic", "analytic "))] == ["wishes.modalities.0", "wishes.modalities.1"]


def test_every_wish_that_is_none_is_named_at_once():
    found = problems(modalities=("yoga", "balint", "art"), topics=("sleep",), variants=("men",))
    assert [field for field, _, _ in found] == ["wishes.modalities.0", "wishes.modalities.2", "wishes.variants.0", "wishes.topics.0"]
    assert all(cure for _, _, cure in found)


def test_the_refusal_reads_as_one_line_of_fields_and_reasons():
    with pytest.raises(UnknownWish) as refused:
        check_wishes(Wishes(("yoga",), ("sleep",)), CATALOGUE)
    assert (
        str(refused.value)
        == "wishes.modalities.0: 'yoga' is not a known modality; wishes.topics.0: 'sleep' is not a known topic of these modalities"
    )


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(("analytic",))])
def test_before_the_catalogue_has_arrived_nothing_is_judged_and_one_is_told_to_send_again(wishes):
    with pytest.raises(CatalogueNotHere, match="has not arrived yet; send the same request again in a few seconds"):
        check_wishes(wishes, [])


def test_what_scheduling_lists_is_kept_with_its_way_in_and_what_it_lists_last_is_true():
    hub = Hub()
    for way_in, variants in (("referral", ("women",)), ("open-access", ("trainees",))):
        hub.hears(
            scheduling.ModalityListed(
                listing="london/beyond-balint", code="beyond-balint", way_in=way_in, variants=variants, topics=("sleep",)
            )
        )
    kept = hub.modalities.rows["london|beyond-balint"]
    assert (kept.code, kept.way_in, kept.variants, kept.topics) == ("beyond-balint", "open-access", ("trainees",), ("sleep",))
    assert kept.version == 2
