using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FedLab.Lattice.Multiparty;

/// <summary>One record of <see cref="FileShareLedger"/>.</summary>
/// <remarks>
/// <code>
/// 0    subject            32     what is spent
/// 32   protocol            1
/// 33   state               1     1 reserved, 2 complete
/// 34   zero                6
/// 40   check               8     of bytes 0 to 39: readable even when the rest was cut
/// 48   time                8     Unix milliseconds, little-endian
/// 56   transcript         32
/// 88   session            32
/// 120  digest             32     of the written share; zero when reserved
/// 152  chain              32     SHA-256(chain of the record before ‖ bytes 0 to 151)
/// </code>
/// A request with several subjects reserves each; its completion is recorded once, under the first.
/// </remarks>
internal readonly ref struct LedgerRecord
{
    public const int Bytes = 184;

    private const int SubjectEnd = 48;
    private const int ChainStart = 152;
    private const byte Reserved = 1;
    private const byte Complete = 2;

    private readonly ReadOnlySpan<byte> _bytes;

    private LedgerRecord(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Subject => _bytes[..32];

    public CollectiveProtocolKind Protocol => (CollectiveProtocolKind)_bytes[32];

    public bool IsComplete => _bytes[33] == Complete;

    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(_bytes[48..]));

    public ReadOnlySpan<byte> Session => _bytes[88..120];

    public ReadOnlySpan<byte> Digest => _bytes[120..152];

    public static void WriteReservation(ReadOnlySpan<byte> subject, CollectiveProtocolKind protocol, DateTimeOffset time, ReadOnlySpan<byte> session, ReadOnlySpan<byte> transcript, Span<byte> record) =>
        WriteBody(subject, protocol, Reserved, time, session, transcript, default, record);

    public static void WriteCompletion(ReadOnlySpan<byte> subject, CollectiveProtocolKind protocol, DateTimeOffset time, ReadOnlySpan<byte> session, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> digest, Span<byte> record) =>
        WriteBody(subject, protocol, Complete, time, session, transcript, digest, record);

    /// <summary>Ends a record with its link to the one before.</summary>
    public static void Seal(Span<byte> record, ReadOnlySpan<byte> chain) => Link(record, chain, record[ChainStart..]);

    /// <summary>Moves the chain past a sealed record.</summary>
    public static void Advance(ReadOnlySpan<byte> record, Span<byte> chain) => record[ChainStart..Bytes].CopyTo(chain);

    /// <summary>Reads a record and verifies its link.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> chain, out LedgerRecord record)
    {
        record = new LedgerRecord(bytes);
        if (bytes.Length != Bytes || bytes[33] is not (Reserved or Complete))
            return false;
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Link(bytes, chain, expected);
        return expected.SequenceEqual(bytes[ChainStart..]) && IsTime(BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]));
    }

    /// <summary>Reads what a cut record still says.</summary>
    public static bool TryParseSubject(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> subject, out CollectiveProtocolKind protocol)
    {
        subject = default;
        protocol = default;
        if (bytes.Length < SubjectEnd)
            return false;
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..40], expected);
        if (!expected[..8].SequenceEqual(bytes[40..SubjectEnd]))
            return false;
        subject = bytes[..32];
        protocol = (CollectiveProtocolKind)bytes[32];
        return true;
    }

    private static void WriteBody(
        ReadOnlySpan<byte> subject,
        CollectiveProtocolKind protocol,
        byte state,
        DateTimeOffset time,
        ReadOnlySpan<byte> session,
        ReadOnlySpan<byte> transcript,
        ReadOnlySpan<byte> digest,
        Span<byte> record)
    {
        record.Clear();
        subject.CopyTo(record);
        (record[32], record[33]) = ((byte)protocol, state);
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record[..40], check);
        check[..8].CopyTo(record[40..]);
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], time.ToUnixTimeMilliseconds());
        transcript.CopyTo(record[56..]);
        session.CopyTo(record[88..]);
        digest.CopyTo(record[120..]);
    }

    private static void Link(ReadOnlySpan<byte> record, ReadOnlySpan<byte> chain, Span<byte> link)
    {
        Span<byte> input = stackalloc byte[SHA256.HashSizeInBytes + ChainStart];
        chain.CopyTo(input);
        record[..ChainStart].CopyTo(input[SHA256.HashSizeInBytes..]);
        SHA256.HashData(input, link);
    }

    private static bool IsTime(long milliseconds) =>
        milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
