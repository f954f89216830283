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

    private readonly byte[] _subjects;
    private readonly byte[] _transcript;
    private readonly byte[] _session = new byte[HashBytes];

    private ShareRequest(LatticeContext context, CollectiveProtocolKind protocol, PartySet parties, byte[] subjects, ReadOnlySpan<byte> transcript)
    {
        if (transcript.Length != HashBytes)
            throw new ArgumentException($"A transcript hash has {HashBytes} bytes, not {transcript.Length}.", nameof(transcript));
        (Protocol, Parties, _subjects, _transcript) = (protocol, parties, subjects, transcript.ToArray());
        Span<byte> header = stackalloc byte[SessionDomain.Length + HashBytes + 1 + sizeof(ulong)];
        SessionDomain.CopyTo(header);
        CommonRandomString.ParametersDigest(context, header[SessionDomain.Length..]);
        header[SessionDomain.Length + HashBytes] = (byte)protocol;
        BinaryPrimitives.WriteUInt64LittleEndian(header[(SessionDomain.Length + HashBytes + 1)..], parties.Mask);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(_subjects);
        hash.AppendData(_transcript);
        hash.GetHashAndReset(_session);
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

    /// <summary>A request for a share of a collective key: one subject for all polynomials of a label.</summary>
    internal static ShareRequest ForCommon(CommonPolynomials common, CollectiveProtocolKind protocol, PartySet parties, ReadOnlySpan<byte> transcript)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SeedDomain);
        hash.AppendData([(byte)protocol]);
        hash.AppendData(common.Seeds);
        return new ShareRequest(common.Context, protocol, parties, hash.GetHashAndReset(), transcript);
    }

    /// <summary>A request for a share of a key switch or decryption.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="parties">The parties of the run.</param>
    /// <param name="masks">For each subject the <paramref name="length"/> residues of its mask modulo the first prime, in [0, p).</param>
    /// <param name="length">Residues of a subject.</param>
    /// <param name="transcript">32 bytes.</param>
    internal static ShareRequest ForMasks(LatticeContext context, CollectiveProtocolKind protocol, PartySet parties, ReadOnlySpan<double> masks, int length, ReadOnlySpan<byte> transcript)
    {
        var subjects = new byte[masks.Length / length * HashBytes];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < masks.Length / length; i++)
            HashMask(context, hash, masks.Slice(i * length, length), subjects.AsSpan(i * HashBytes, HashBytes));
        return new ShareRequest(context, protocol, parties, subjects, transcript);
    }

    /// <summary>A request for a share of several LWE samples, each a subject.</summary>
    internal static ShareRequest ForSamples(LatticeContext context, CollectiveProtocolKind protocol, PartySet parties, IReadOnlyList<LweSample> samples, ReadOnlySpan<byte> transcript)
    {
        var subjects = new byte[samples.Count * HashBytes];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < samples.Count; i++)
            HashMask(context, hash, samples[i].A[..context.Degree], subjects.AsSpan(i * HashBytes, HashBytes));
        return new ShareRequest(context, protocol, parties, subjects, transcript);
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
