using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>What a fresh share is asked for: which public polynomials it depends on, and the run that it is bound to.</summary>
/// <remarks>
/// A <em>subject</em> is the hash of one public polynomial that a share multiplies with the secret: a polynomial of the common random string, or the mask c1
/// of a ciphertext (not c0, which no share depends on). The residues modulo the first prime alone are hashed, so a ciphertext
/// whose level was lowered by dropping primes is still the same subject; and they are divided by the first of them that is not zero, so that a mask times any number
/// is the same subject too. A mask times a polynomial is another one, like any sum of masks. The session is the hash of everything, and names the stored share.
/// </remarks>
public sealed class ShareRequest
{
    /// <summary>Bytes of a subject, a transcript and a session.</summary>
    public const int HashBytes = 32;

    private readonly LatticeContext _context;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _header = new byte[SessionDomain.Length + HashBytes + 1 + sizeof(ulong)];
    private readonly byte[] _transcript = new byte[HashBytes];
    private readonly byte[] _session = new byte[HashBytes];
    private byte[] _subjects = [];

    /// <summary>A request that asks for nothing yet: one of the three below says for what. May be used again, when its owner is done with it.</summary>
    internal ShareRequest(LatticeContext context, CollectiveProtocolKind protocol, PartySet parties)
    {
        (_context, Protocol, Parties) = (context, protocol, parties);
        SessionDomain.CopyTo(_header);
        CommonRandomString.ParametersDigest(context, _header.AsSpan(SessionDomain.Length));
        _header[SessionDomain.Length + HashBytes] = (byte)protocol;
        BinaryPrimitives.WriteUInt64LittleEndian(_header.AsSpan(SessionDomain.Length + HashBytes + 1), parties.Mask);
    }

    /// <summary>The protocol and round.</summary>
    public CollectiveProtocolKind Protocol { get; }

    /// <summary>The parties of the run.</summary>
    public PartySet Parties { get; }

    /// <summary>How many subjects the share depends on.</summary>
    public int SubjectCount => _subjects.Length / HashBytes;

    /// <summary>The caller's hash of everything that was agreed before this share.</summary>
    public ReadOnlySpan<byte> Transcript => _transcript;

    /// <summary>The hash of parameters, protocol, parties, subjects and transcript.</summary>
    public ReadOnlySpan<byte> Session => _session;

    private static ReadOnlySpan<byte> SessionDomain => "FedLab share session v1"u8;

    private static ReadOnlySpan<byte> SeedDomain => "FedLab common subject v1"u8;

    private static ReadOnlySpan<byte> MaskDomain => "FedLab ciphertext subject v2"u8;

    /// <summary>One subject.</summary>
    /// <param name="index">0 to <see cref="SubjectCount"/> - 1.</param>
    /// <returns>32 bytes.</returns>
    public ReadOnlySpan<byte> Subject(int index) => _subjects.AsSpan(index * HashBytes, HashBytes);

    /// <summary>For a share of a collective key: one subject for all polynomials of a label.</summary>
    internal ShareRequest ForCommon(CommonPolynomials common, ReadOnlySpan<byte> transcript)
    {
        Subjects(1);
        _hash.AppendData(SeedDomain);
        _hash.AppendData([(byte)Protocol]);
        _hash.AppendData(common.Seeds);
        _hash.GetHashAndReset(_subjects);
        return Bind(transcript);
    }

    /// <summary>For a share on masks of <paramref name="length"/> residues modulo the first prime each, side by side.</summary>
    internal ShareRequest ForMasks(ReadOnlySpan<double> masks, int length, ReadOnlySpan<byte> transcript)
    {
        Subjects(masks.Length / length);
        for (var i = 0; i < SubjectCount; i++)
            HashMask(_context, _hash, masks.Slice(i * length, length), _subjects.AsSpan(i * HashBytes, HashBytes));
        return Bind(transcript);
    }

    /// <summary>For a share on LWE samples.</summary>
    internal ShareRequest ForSamples(IReadOnlyList<LweSample> samples, int degree, ReadOnlySpan<byte> transcript)
    {
        Subjects(samples.Count);
        for (var i = 0; i < samples.Count; i++)
            HashMask(_context, _hash, samples[i].A[..degree], _subjects.AsSpan(i * HashBytes, HashBytes));
        return Bind(transcript);
    }

    private void Subjects(int count)
    {
        if (count != SubjectCount)
            _subjects = new byte[count * HashBytes];
    }

    private ShareRequest Bind(ReadOnlySpan<byte> transcript)
    {
        if (transcript.Length != HashBytes)
            throw new ArgumentException($"A transcript hash has {HashBytes} bytes, not {transcript.Length}.", nameof(transcript));
        transcript.CopyTo(_transcript);
        _hash.AppendData(_header);
        _hash.AppendData(_subjects);
        _hash.AppendData(_transcript);
        _hash.GetHashAndReset(_session);
        return this;
    }

    private static unsafe void HashMask(LatticeContext context, IncrementalHash hash, ReadOnlySpan<double> mask, Span<byte> subject)
    {
        var table = context.Tables[0];
        var leading = mask.IndexOfAnyExcept(0.0);
        var factor = leading < 0 ? 1 : NttPrimes.Inverse((ulong)mask[leading], table.Prime);
        var row = context.Rows.Rent();
        var normalised = row.Span[..mask.Length];
        fixed (double* source = mask, target = normalised)
            context.Kernels.ScaleModular(table.Modulus, table.Inverse, source, CkksContext.Balance(factor, table.Prime), target, mask.Length);
        hash.AppendData(MaskDomain);
        if (BitConverter.IsLittleEndian)
            hash.AppendData(MemoryMarshal.AsBytes(normalised));
        else
            AppendReversed(hash, normalised);
        context.Rows.Return(row, wasSecret: false);
        hash.GetHashAndReset(subject);
    }

    private static void AppendReversed(IncrementalHash hash, ReadOnlySpan<double> mask)
    {
        Span<byte> word = stackalloc byte[sizeof(double)];
        foreach (var residue in mask)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(word, residue);
            hash.AppendData(word);
        }
    }
}

/// <summary>Where a party records its shares, and the run that they belong to.</summary>
/// <param name="Ledger">The party's ledger for this secret.</param>
/// <param name="Transcript">32 bytes: the hash of what the parties agreed before this share (the experiment, the step, the messages so far).</param>
public readonly record struct ShareBinding(IShareLedger Ledger, ReadOnlyMemory<byte> Transcript);
