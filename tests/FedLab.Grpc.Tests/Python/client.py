"""Calls the C# server and prints one JSON object: for each scenario what came back.

python3 client.py PORT DESCRIPTOR...
"""
import json
import sys
import threading
import time

import grpc

import peer

find = peer.load(sys.argv[2:])
Note = find("fedlab.trial.Note")
HealthCheckRequest = find("grpc.health.v1.HealthCheckRequest")
HealthCheckResponse = find("grpc.health.v1.HealthCheckResponse")
channel = grpc.insecure_channel("localhost:" + sys.argv[1], options=peer.LIMITS)
single = channel.unary_unary(peer.NOTES + "Single", Note.SerializeToString, Note.FromString)
collect = channel.stream_unary(peer.NOTES + "Collect", Note.SerializeToString, Note.FromString)
expand = channel.unary_stream(peer.NOTES + "Expand", Note.SerializeToString, Note.FromString)
talk = channel.stream_stream(peer.NOTES + "Talk", Note.SerializeToString, Note.FromString)


def scenario_unary():
    answer = single(Note(number=7, text="中文", payload=bytes(range(256))), timeout=30)
    return [answer.number, answer.text, answer.payload == bytes(range(256))]


def scenario_client_stream():
    return collect(iter([Note(number=i) for i in range(1, 101)]), timeout=30).number


def scenario_server_stream():
    return [note.number for note in expand(Note(number=5), timeout=30)]


def scenario_duplex():
    return [note.number for note in talk(iter([Note(number=i) for i in range(5)]), timeout=30)]


def scenario_large():
    blob = bytes(1 << 20)
    return collect(iter([Note(payload=blob) for _ in range(32)]), timeout=60).number


def scenario_failed_precondition():
    single(Note(text="fail"), timeout=30)


def scenario_failed_precondition_in_a_stream():
    list(talk(iter([Note(number=1), Note(text="fail")]), timeout=30))


def scenario_unimplemented_method():
    channel.unary_unary(peer.NOTES + "Nothing", Note.SerializeToString, Note.FromString)(Note(), timeout=30)


def scenario_unimplemented_service():
    channel.unary_unary("/fedlab.trial.Nothing/Single", Note.SerializeToString, Note.FromString)(Note(), timeout=30)


def scenario_deadline():
    single(Note(text="wait"), timeout=0.5)


def scenario_metadata():
    sent = (("x-text", "plain text"), ("x-bytes-bin", bytes(range(256))))
    answer, call = single.with_call(Note(text="metadata"), timeout=30, metadata=sent)
    pick = lambda pairs: {k: (v.hex() if isinstance(v, bytes) else v) for k, v in pairs if k.startswith("x-")}
    return [pick(call.initial_metadata()), pick(call.trailing_metadata())]


def scenario_compressed():
    compressed = grpc.insecure_channel("localhost:" + sys.argv[1], compression=grpc.Compression.Gzip)
    call = compressed.unary_unary(peer.NOTES + "Single", Note.SerializeToString, Note.FromString)
    call(Note(payload=bytes(100000)), timeout=30)


def scenario_cancellation():
    call = talk(endless(), timeout=60)
    next(call)
    call.cancel()
    deadline = time.time() + 30
    while time.time() < deadline:
        if single(Note(text="cancelled?"), timeout=30).number > 0:
            return [str(call.code()), True]
        time.sleep(0.05)
    return [str(call.code()), False]


def endless():
    yield Note(text="count cancellations")
    threading.Event().wait(120)


def scenario_health():
    check = channel.unary_unary(peer.HEALTH + "Check", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString)
    watch = channel.unary_stream(peer.HEALTH + "Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString)
    watching = watch(HealthCheckRequest(service="later"), timeout=30)
    seen = [check(HealthCheckRequest(), timeout=30).status, next(watching).status]
    watching.cancel()
    try:
        check(HealthCheckRequest(service="nothing"), timeout=30)
    except grpc.RpcError as error:
        seen.append(error.code().name)
    return seen


results = {}
for name, run in [(n[len("scenario_"):], f) for n, f in list(globals().items()) if n.startswith("scenario_")]:
    try:
        results[name] = {"value": run()}
    except grpc.RpcError as error:
        results[name] = {"code": error.code().name, "details": error.details()}
print(json.dumps(results), flush=True)
# A generator that waits in a thread of grpc must not keep the process.
import os

os._exit(0)
