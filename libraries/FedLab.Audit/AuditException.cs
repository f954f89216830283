namespace FedLab.Audit;

/// <summary>Something about an audit log, a note or a bundle that a person must know and can act on. The message is in the current culture.</summary>
public class AuditException : Exception
{
    /// <summary>An error with a message for a person.</summary>
    public AuditException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message for a person and its cause.</summary>
    public AuditException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Bytes that are not what they should be: a malformed note, key, entry, log folder or bundle.</summary>
public sealed class AuditFormatException : AuditException
{
    /// <summary>An error with a message for a person.</summary>
    public AuditFormatException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message for a person and its cause.</summary>
    public AuditFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The index of the entry that is broken, where the error concerns one.</summary>
    public long? EntryIndex { get; init; }
}
