namespace Grpc.Core;

/// <summary>How a call ended: the seventeen codes of gRPC (grpc/grpc <c>doc/statuscodes.md</c>).</summary>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The caller cancelled the call.</summary>
    Cancelled = 1,

    /// <summary>An error without a better code, among them an exception in a handler.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the server.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call ended.</summary>
    DeadlineExceeded = 4,

    /// <summary>What the request names does not exist.</summary>
    NotFound = 5,

    /// <summary>What the request would create exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached: message size, metadata size, quota, memory.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that the request needs.</summary>
    FailedPrecondition = 9,

    /// <summary>The operation was given up because of a conflict; a repetition of the whole sequence may succeed.</summary>
    Aborted = 10,

    /// <summary>The request goes past the end of a range that may still grow.</summary>
    OutOfRange = 11,

    /// <summary>The method, or a feature of the protocol that the call needs, is not there.</summary>
    Unimplemented = 12,

    /// <summary>A rule of the protocol was broken.</summary>
    Internal = 13,

    /// <summary>The peer cannot be reached now; a later try may succeed.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged for good.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
