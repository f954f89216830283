"""Serves the notes and the health check for the C# client; prints its port and ends when its input ends.

python3 server.py DESCRIPTOR...
"""
import sys
import threading
from concurrent import futures

import grpc

import peer

find = peer.load(sys.argv[1:])
Note = find("fedlab.trial.Note")
HealthCheckRequest = find("grpc.health.v1.HealthCheckRequest")
HealthCheckResponse = find("grpc.health.v1.HealthCheckResponse")
cancelled = threading.Event()


def single(request, context):
    if request.text == "fail":
        context.set_trailing_metadata((("x-reason-bin", b"\x00\xff"),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now: 不行 100%")
    if request.text == "wait":
        ended = threading.Event()
        context.add_callback(ended.set)
        ended.wait(60)
        cancelled.set()
    if request.text == "cancelled?":
        return Note(number=1 if cancelled.wait(30) else 0)
    if request.text == "metadata":
        own = tuple((k, v) for k, v in context.invocation_metadata() if k.startswith("x-"))
        context.send_initial_metadata(own)
        context.set_trailing_metadata(own)
    if request.text == "gzip":
        context.set_compression(grpc.Compression.Gzip)
    if request.text == "remaining":
        return Note(number=int(context.time_remaining()))
    return request


def collect(requests, context):
    return Note(number=sum(r.number + len(r.payload) for r in requests))


def expand(request, context):
    for number in range(request.number):
        yield Note(number=number, payload=request.payload)
    if request.text == "fail":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "不行")


def check(request, context):
    if request.service:
        context.abort(grpc.StatusCode.NOT_FOUND, "")
    return HealthCheckResponse(status=1)


def watch(request, context):
    yield HealthCheckResponse(status=3)
    yield HealthCheckResponse(status=1)


def handler(kind, run, request, response):
    return kind(run, request.FromString, response.SerializeToString)


server = grpc.server(futures.ThreadPoolExecutor(8), options=peer.LIMITS)
server.add_generic_rpc_handlers((
    grpc.method_handlers_generic_handler("fedlab.trial.Notes", {
        "Single": handler(grpc.unary_unary_rpc_method_handler, single, Note, Note),
        "Collect": handler(grpc.stream_unary_rpc_method_handler, collect, Note, Note),
        "Expand": handler(grpc.unary_stream_rpc_method_handler, expand, Note, Note),
        "Talk": handler(grpc.stream_stream_rpc_method_handler, lambda requests, context: requests, Note, Note),
    }),
    grpc.method_handlers_generic_handler("grpc.health.v1.Health", {
        "Check": handler(grpc.unary_unary_rpc_method_handler, check, HealthCheckRequest, HealthCheckResponse),
        "Watch": handler(grpc.unary_stream_rpc_method_handler, watch, HealthCheckRequest, HealthCheckResponse),
    }),
))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
sys.stdin.read()
server.stop(0)
