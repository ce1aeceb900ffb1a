"""Packs a release twice and installs what comes out: the wheel, the Debian package, and the archive by install.sh.

usage: packages.py PREFIX, which holds the static binary in bin. What is installed runs in a root without a library.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile

from plane import expect

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
MACHINE = f"linux-{os.uname().machine}"


def run(*arguments, code=0, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=options.pop("cwd", ROOT), **options)
    expect(done.returncode == code, f"{arguments} exited {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def digests(folder):
    return {name: hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
            for name in sorted(os.listdir(folder))}


def ok(title):
    print(f"  ok  {title}", flush=True)


def version_in_empty_root(work, program):
    """What the program says of itself where there is nothing but the program and /proc."""
    root = tempfile.mkdtemp(prefix="root-", dir=work)
    os.mkdir(root + "/proc")
    shutil.copy(program, root + "/slipway")
    script = 'mount --rbind /proc "$1/proc" && exec chroot "$1" /slipway --version'
    mapping = [] if os.geteuid() == 0 else ["--map-root-user"]
    return run("unshare", "--mount", *mapping, "sh", "-c", script, "sh", root).strip()


def check_wheel(work, wheel, version):
    run(sys.executable, "-m", "twine", "check", "--strict", wheel)
    ok("the index would take the wheel's description and metadata")
    environment = os.path.join(work, "venv")
    venv.create(environment, with_pip=True)
    pip = [environment + "/bin/python", "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--no-index", wheel)
    expect(run(environment + "/bin/slipway", "--version").strip() == version, "another version is installed")
    expect(os.path.exists(environment + "/share/man/man1/slipway-deploy.1"), "the wheel has no man pages")
    expect(os.path.exists(environment + "/share/bash-completion/completions/slipway"), "the wheel has no completions")
    # pip compares every file with RECORD when it takes the wheel away again.
    run(*pip, "uninstall", "--quiet", "--yes", "slipway-deploy")
    expect(not os.path.exists(environment + "/bin/slipway"), "uninstalling left the program behind")
    ok("pip installs the wheel, and takes it away again")
    target = os.path.join(work, "target")
    run(*pip, "install", "--quiet", "--no-index", "--target", target, wheel)
    expect(os.access(target + "/bin/slipway", os.X_OK), "pip install --target made no program")
    ok("pip install --target, as the GitLab component does")
    unpacked = os.path.join(work, "unpacked")
    with zipfile.ZipFile(wheel) as archive:
        expect(not [name for name in archive.namelist() if name.endswith(".py")], "the wheel has Python code")
        archive.extractall(unpacked)
    program, = glob.glob(unpacked + "/*.data/scripts/slipway")
    os.chmod(program, 0o755)
    expect(version_in_empty_root(work, program) == version, "the wheel's program does not run in an empty root")
    ok("the wheel's program runs in an empty root")


def check_deb(work, package, version):
    root = os.path.join(work, "deb")
    run("dpkg-deb", "--extract", package, root)
    expect(version_in_empty_root(work, root + "/usr/bin/slipway") == version, "the package's program does not run")
    expect(run("dpkg-deb", "--field", package, "Depends").strip() == "", "the package depends on something")
    for file in ("bash-completion/completions/slipway", "zsh/vendor-completions/_slipway", "man/man1/slipway.1.gz"):
        expect(os.path.exists(f"{root}/usr/share/{file}"), f"the package has no {file}")
    run("md5sum", "--check", "--quiet", write(work, "md5sums", run("dpkg-deb", "--info", package, "md5sums")), cwd=root)
    ok("the Debian package is whole")
    if shutil.which("lintian"):
        run("lintian", "--allow-root", "--fail-on", "error,warning", package)
        ok("lintian finds nothing in the package")
    else:
        print("  SKIPPED lintian: not installed")


def write(work, name, text):
    path = os.path.join(work, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def check_installer(work, folder, version):
    """install.sh as users run it, in every sh that is here, with releases from a folder."""
    releases = os.path.join(work, "releases")
    shutil.copytree(folder, f"{releases}/v{version}")
    archive = f"slipway-{version}-{MACHINE}.tar.gz"
    sums = write(work, "SHA256SUMS", run("sha256sum", archive, cwd=folder))
    script = write(work, "install.sh", run("scripts/installer.sh", version, sums))
    for shell in ([["dash"], ["bash"], ["busybox", "sh"]]):
        if not shutil.which(shell[0]):
            print(f"  SKIPPED install.sh with {shell[0]}: not installed")
            continue
        home, scratch = (tempfile.mkdtemp(prefix=name, dir=work) for name in ("home-", "scratch-"))
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": scratch,
                       "SLIPWAY_RELEASES": f"file://{releases}"}
        with open(script) as file:
            run(*shell, stdin=file, env=environment)
        program = home + "/.local/bin/slipway"
        expect(run(program, "--version").strip() == version, "install.sh installed another version")
        expect(os.path.exists(home + "/.local/share/man/man1/slipway.1"), "install.sh brings no man pages")
        shutil.rmtree(home + "/.local")
        for wrong in ("0" * 64, "12"):
            with open(script) as file:
                said = run(*shell, stdin=file, env={**environment, "SLIPWAY_CHECKSUM": wrong}, code=64)
            expect(wrong in said and "hint:" in said, f"a wrong checksum: {said}")
        with open(script) as file:
            half = file.read()[:-len('install_slipway "$@"\n')]
        run(*shell, input=half, env=environment)
        expect(os.listdir(home) == [] and os.listdir(scratch) == [], "something was left behind")
        ok(f"install.sh with {' '.join(shell)}; a wrong checksum and half a script install nothing")


def main():
    with tempfile.TemporaryDirectory(prefix="slipway-packages-") as work:
        prefix = os.path.realpath(sys.argv[1])
        version = run(prefix + "/bin/slipway", "--version").strip()
        folders = [os.path.join(work, name) for name in ("one", "two")]
        for folder in folders:
            run("scripts/pack.sh", version, MACHINE, prefix, folder)
        one, two = map(digests, folders)
        expect(one == two and len(one) >= 3, f"two packings differ: {one} {two}")
        ok(f"the same files twice: {', '.join(one)}")
        wheel, = glob.glob(folders[0] + "/slipway_deploy-*.whl")
        package, = glob.glob(folders[0] + "/*.deb")
        check_wheel(work, wheel, version)
        check_deb(work, package, version)
        check_installer(work, folders[0], version)


if __name__ == "__main__":
    main()
