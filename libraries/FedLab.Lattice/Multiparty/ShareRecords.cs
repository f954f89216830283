using System.Buffers.Binary;

namespace FedLab.Lattice.Multiparty;

/// <summary>32 bytes of a hash as a dictionary key.</summary>
internal readonly record struct ShareHash
{
    private readonly UInt128 _first;
    private readonly UInt128 _second;

    public ShareHash(ReadOnlySpan<byte> hash)
    {
        _first = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        _second = BinaryPrimitives.ReadUInt128LittleEndian(hash[16..]);
    }
}

/// <summary>One spent subject.</summary>
internal sealed record ShareRecord(CollectiveProtocolKind Protocol, DateTimeOffset Time, ShareHash Session);

/// <summary>What a ledger knows, in memory: the spent subjects and the sessions whose share was recorded. Not thread-safe.</summary>
internal sealed class ShareRecords
{
    private readonly Dictionary<ShareHash, ShareRecord> _subjects = [];
    private readonly Dictionary<ShareHash, ShareHash?> _sessions = [];

    /// <summary>Spent subjects.</summary>
    public int Count => _subjects.Count;

    /// <summary>Refuses a request with a spent subject, or one that names a subject twice.</summary>
    public void RefuseKnown(ShareRequest request)
    {
        var own = new HashSet<ShareHash>();
        for (var i = 0; i < request.SubjectCount; i++)
        {
            var subject = new ShareHash(request.Subject(i));
            if (!own.Add(subject))
                throw new ArgumentException($"Sample {i} of the request has the mask of an earlier one: one share would hold two for the same polynomial.", nameof(request));
            if (_subjects.TryGetValue(subject, out var record))
            {
                var isComplete = _sessions.TryGetValue(record.Session, out var digest) && digest is not null;
                throw new ShareAlreadyGivenException(record.Protocol, record.Time, record.Session == new ShareHash(request.Session), isComplete, request.Subject(i));
            }
        }
    }

    public void Reserve(ShareRequest request, DateTimeOffset time)
    {
        var session = new ShareHash(request.Session);
        for (var i = 0; i < request.SubjectCount; i++)
            Add(new ShareHash(request.Subject(i)), new ShareRecord(request.Protocol, time, session));
    }

    public bool Contains(ShareHash subject) => _subjects.ContainsKey(subject);

    public void Add(ShareHash subject, ShareRecord record)
    {
        _subjects[subject] = record;
        _sessions.TryAdd(record.Session, null);
    }

    /// <summary>Refuses to store a share for a request that was not reserved or has its share.</summary>
    public void RequireOpen(ShareRequest request)
    {
        if (!_sessions.TryGetValue(new ShareHash(request.Session), out var digest))
            throw new InvalidOperationException("The request is not reserved: call Reserve before the share is made.");
        if (digest is not null)
            throw new InvalidOperationException("The share of this request is recorded already.");
    }

    public void Complete(ShareHash session, ShareHash digest) => _sessions[session] = digest;

    /// <summary>The digest of a recorded share.</summary>
    public bool TryGetDigest(ShareHash session, out ShareHash digest)
    {
        var isKnown = _sessions.TryGetValue(session, out var found) && found is not null;
        digest = found ?? default;
        return isKnown;
    }
}
