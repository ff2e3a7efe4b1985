"""The web server of a stack: the shipped nginx configuration, with places and ports of a folder."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.proofs.result import NotPossibleHere

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ROOT / "deploy" / "nginx"
# Not in the PATH of ordinary users on Debian; and where `make tools` puts it if the system has none.
FOLDERS = f"/usr/sbin:/usr/local/sbin:/usr/bin:{ROOT / '.venv' / 'tools' / 'usr' / 'sbin'}"


def find_nginx() -> str:
    """The path of nginx. Raises NotPossibleHere."""
    found = shutil.which("nginx", path=FOLDERS)
    if found is None:
        raise NotPossibleHere("nginx is not installed: make tools")
    return found


def render_config(folder: Path, ports: Mapping[str, int], surfaces: Iterable[str]) -> None:
    """Write deploy/nginx with this folder's places to `folder`/nginx. Raises RuntimeError where a file no longer holds
    what is exchanged.
    """
    rendered = folder / "nginx"
    shutil.copytree(SHIPPED, rendered, dirs_exist_ok=True)
    (folder / "run" / "nginx").mkdir(exist_ok=True)
    places = {
        # The line that the guide of partners' systems adds.
        "portals/staff.conf;": "portals/staff.conf;\n    include /etc/nginx/portals/sources.conf;",
        # Workers run as another user when root starts it; here all of the folder is one user's.
        "user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
        "/etc/nginx/portals": str(rendered),
        "/run/portals-nginx": str(folder / "run" / "nginx"),
        "/run/nginx.pid": str(folder / "run" / "nginx.pid"),
        "/etc/portals/tls": str(folder / "tls"),
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl;\n": "",
        "listen 80;": f"listen 127.0.0.1:{ports['plain']};",
    }
    for surface in surfaces:
        places[f"/run/portals-{surface}/gunicorn.sock"] = str(folder / "run" / f"{surface}.sock")
    used: set[str] = set()
    for path in rendered.glob("*.conf"):
        text = path.read_text()
        for shipped, here in places.items():
            used |= {shipped} if shipped in text else set()
            text = text.replace(shipped, here)
        # Each host gets a port of its own, so that a proof can reach it without names.
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{ports.get(path.stem, 0)} ssl;")
        path.write_text(text)
    if missing := set(places) - used:
        raise RuntimeError(f"deploy/nginx no longer holds {sorted(missing)}")
