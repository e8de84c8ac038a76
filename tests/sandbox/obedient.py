"""A worker that runs any Python it is sent: what student code could do, without the rules of grading."""

import os
import socket

from genlab_worker import wire


def serve(sock):
    names = {"sock": sock}
    while True:
        try:
            header, _ = wire.receive(sock, payload_limit=2**30)
        except (wire.WireError, OSError):
            return
        if header["op"] == "fork":
            _, (descriptor,), _, _ = socket.recv_fds(sock, 1, 1)
            pid = os.fork()
            if pid == 0:
                names["sock"] = sock = socket.socket(fileno=descriptor)
                continue
            os.close(descriptor)
            answer = {"pid": pid}
        elif header["op"] == "kill":
            os.kill(header["pid"], 9)
            os.waitpid(header["pid"], 0)
            answer = {}
        else:
            names["result"] = None
            try:
                exec(header["source"], names)
                answer = {"result": names["result"]}
            except BaseException as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
        wire.send(sock, answer)
