"""A data folder says of which version it is, and what wrote it; what this release cannot read is left alone."""

import pytest
from click.testing import CliRunner

from embedded import data
from embedded.commands import main


@pytest.fixture
def old(tmp_path):
    """A folder of the first release, which had no version."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "stores" / "referral").mkdir(parents=True)
    return tmp_path


def test_a_new_folder_bears_the_version_and_may_be_used_again(tmp_path):
    data.claim(tmp_path / "new", "mongod")
    data.claim(tmp_path / "new", "mongod")
    assert (tmp_path / "new" / "version").read_text() == f"{data.VERSION}\n"


def test_a_folder_of_an_older_release_is_refused_with_what_to_do_and_left_as_it_is(old):
    with pytest.raises(data.OtherData) as refused:
        data.claim(old, "mongod")
    assert str(refused.value).startswith(f"{old} contains data of version 1, but this release reads version {data.VERSION}")
    assert f"make clean-data ARGS='--data {old}'" in str(refused.value)
    assert not (old / "version").exists()


def test_a_folder_of_a_later_release_is_refused_too(old):
    (old / "version").write_text(f"{data.VERSION + 1}\n")
    with pytest.raises(data.OtherData, match=f"contains data of version {data.VERSION + 1}"):
        data.claim(old, "mongod")


@pytest.mark.parametrize(("before", "now"), [("stand-in", "mongod"), ("mongod", "stand-in")])
def test_the_stores_of_one_database_are_not_given_to_the_other(tmp_path, before, now):
    data.claim(tmp_path, before)
    with pytest.raises(
        data.OtherData, match=rf"stores in {tmp_path} were written by the {before}, which the {now} cannot read.*clean-data"
    ):
        data.claim(tmp_path, now)
    data.claim(tmp_path, before)


def test_the_default_folder_is_forgotten_without_naming_it(monkeypatch, old):
    monkeypatch.setattr(data, "FOLDER", old)
    with pytest.raises(data.OtherData, match="Delete it with `make clean-data`, or"):
        data.claim(old, "mongod")


def cleaned(folder):
    return CliRunner().invoke(main, ["clean-data", "--data", str(folder)])


def test_clean_data_forgets_an_old_folder(old):
    assert cleaned(old).exit_code == 0
    assert not old.exists()


def test_clean_data_forgets_a_folder_whose_first_start_was_cut_short(tmp_path):
    data.claim(tmp_path / "new", "mongod")
    assert cleaned(tmp_path / "new").exit_code == 0
    assert not (tmp_path / "new").exists()


def test_clean_data_leaves_a_folder_that_is_somebody_else_s(tmp_path):
    (tmp_path / "letters").mkdir()
    assert "does not look like the data of an embedded stack" in cleaned(tmp_path).output
    assert (tmp_path / "letters").exists()
