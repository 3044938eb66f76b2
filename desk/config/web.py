"""One web process: uvicorn on the socket that the supervisor opened for all of them."""

import os
import socket
from types import FrameType

import uvicorn

SOCKET_VARIABLE = "DESK_SOCKET"


class DeskServer(uvicorn.Server):
    """Closes the open live pages at once when asked to stop, instead of waiting for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal to stop."""
        from desk.config.asgi import application

        application.hub.dismiss()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve on the socket handed over in DESK_SOCKET: `python -m desk.config.web`."""
    from desk.config.processes import follow_parent

    follow_parent()
    shared = socket.socket(fileno=int(os.environ[SOCKET_VARIABLE]))
    config = uvicorn.Config(
        "desk.config.asgi:application",
        http="httptools",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(os.environ.get("DESK_PROXY")),
        forwarded_allow_ips=os.environ.get("DESK_PROXY"),
        timeout_graceful_shutdown=3,
        timeout_keep_alive=15,
        backlog=1024,
    )
    DeskServer(config).run(sockets=[shared])


if __name__ == "__main__":
    main()
