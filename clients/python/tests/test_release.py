import subprocess

import pytest

from flawless._release import find_release

SHA = "4f2a9c1be07d53a8c6e1f00d9a7b2c3d4e5f6a7b"


def git(directory, *words):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *words], cwd=str(directory), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=str(directory), stdout=subprocess.PIPE,
                          universal_newlines=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    directory = tmp_path / "shop"
    (directory / "app" / "views").mkdir(parents=True)
    git(directory, "init", "-q")
    git(directory, "commit", "-q", "--allow-empty", "-m", "one")
    return directory


def head(directory):
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=str(directory), universal_newlines=True).strip()


def found(directory, **environ):
    return find_release([str(directory)], environ)


def test_branch_from_below(repository):
    assert found(repository / "app" / "views") == (head(repository), str(repository))


def test_packed_references(repository):
    git(repository, "pack-refs", "--all")
    assert not list((repository / ".git" / "refs" / "heads").iterdir())
    assert found(repository)[0] == head(repository)


def test_detached_head(repository):
    git(repository, "checkout", "-q", "--detach")
    assert found(repository)[0] == head(repository)


@pytest.mark.parametrize("pack", [False, True])
def test_worktree(repository, tmp_path, pack):
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "-q", "--allow-empty", "-m", "two")
    if pack:
        git(repository, "pack-refs", "--all")
    assert head(tmp_path / "tree") != head(repository)
    assert found(tmp_path / "tree") == (head(tmp_path / "tree"), str(tmp_path / "tree"))


def test_no_commit_yet(tmp_path):
    git(tmp_path, "init", "-q")
    assert found(tmp_path) == ("", str(tmp_path))


def test_build_file_and_environment(tmp_path):
    (tmp_path / "REVISION").write_text(SHA + "\n")
    assert found(tmp_path) == (SHA, str(tmp_path))
    assert found(tmp_path, HEROKU_SLUG_COMMIT="c0ffee") == ("c0ffee", str(tmp_path))
    assert found(tmp_path, GIT_COMMIT="b", FLAWLESS_RELEASE="a")[0] == "a"


@pytest.mark.parametrize("content", ["", "ref: refs/heads/../../../x", "ref: HEAD", "nonsense", "gitdir: /nowhere"])
def test_a_broken_repository_is_no_release(tmp_path, content):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(content)
    assert found(tmp_path)[0] == ""
