"""What both directions share: messages from the descriptors that the C# side hands over, and the paths of the services.

Needs python3-grpcio and python3-protobuf only.
"""
import base64

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

NOTES = "/fedlab.trial.Notes/"
HEALTH = "/grpc.health.v1.Health/"
LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def load(descriptors):
    """Makes message classes of base64 file descriptors; returns a lookup by full name."""
    pool = descriptor_pool.DescriptorPool()
    for text in descriptors:
        pool.Add(descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text)))

    def find(name):
        descriptor = pool.FindMessageTypeByName(name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(pool).GetPrototype(descriptor)

    return find
