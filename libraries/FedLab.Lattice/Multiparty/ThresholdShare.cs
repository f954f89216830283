using System.Numerics;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>A value of a dealer's polynomial at a party's point, or a party's sum of such values over dealers. Secret: it travels sealed to its party only; zeroed on disposal.</summary>
/// <remarks>
/// Wire form: version, dealer, recipient, n, t (1 byte each), three zero bytes, then for each prime the N residues in [0, p) at the bit length of the prime.
/// </remarks>
public sealed class ThresholdShare : IDisposable
{
    private const byte FormatVersion = 1;
    private const int HeaderBytes = 8;
    private const string Kind = nameof(ThresholdShare);
    private AlignedBuffer? _evaluation;

    internal ThresholdShare(ThresholdSecretSharing sharing, int recipient, int? dealer)
    {
        (Context, PartyCount, Threshold, Recipient) = (sharing.Context, sharing.PartyCount, sharing.Threshold, recipient);
        Dealers = dealer is { } number ? PartySet.Of(number) : default;
        _evaluation = Context.Polynomials.Rent();
        if (dealer is null)
            _evaluation.Span.Clear();
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>n.</summary>
    public int PartyCount { get; }

    /// <summary>t.</summary>
    public int Threshold { get; }

    /// <summary>The party at whose point it is.</summary>
    public int Recipient { get; }

    /// <summary>The dealers whose values are in it.</summary>
    public PartySet Dealers { get; private set; }

    /// <summary>Over all primes, residues in [0, p).</summary>
    internal Span<double> Evaluation
    {
        get
        {
            ObjectDisposedException.ThrowIf(_evaluation is null, this);
            return _evaluation.Span;
        }
    }

    /// <summary>Writes one dealer's share.</summary>
    /// <param name="destination">Takes <see cref="ThresholdSecretSharing.ShareBytes"/> bytes, to be sealed to the recipient and zeroed.</param>
    /// <exception cref="InvalidOperationException">It is a sum, which never leaves its party.</exception>
    public void Write(Span<byte> destination)
    {
        if (Dealers.Count != 1)
            throw new InvalidOperationException("Only one dealer's share is sent; a sum stays with its party.");
        if (destination.Length != Size(Context))
            throw new ArgumentException($"The share takes {Size(Context)} bytes, not {destination.Length}.", nameof(destination));
        Header(Dealers.Members()[0], Recipient, PartyCount, Threshold, destination);
        var position = HeaderBytes;
        for (var i = 0; i < Context.Tables.Length; i++)
        {
            var length = RowBytes(i);
            var writer = new BitWriter(destination.Slice(position, length));
            writer.Write(Evaluation.Slice(i * Context.Degree, Context.Degree), Bits(i));
            position += length;
        }
    }

    internal static int Size(LatticeContext context) =>
        HeaderBytes + context.Tables.Sum(table => BitWriter.ByteCount(context.Degree, BitOperations.Log2(table.Prime) + 1));

    internal static ThresholdShare Read(ThresholdSecretSharing sharing, ReadOnlySpan<byte> source, int dealer, int recipient)
    {
        var size = Size(sharing.Context);
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(Kind, size, source.Length));
        Span<byte> expected = stackalloc byte[HeaderBytes];
        Header(dealer, recipient, sharing.PartyCount, sharing.Threshold, expected);
        ReadOnlySpan<string> fields = ["format version", "dealer", "recipient", "number of parties", "threshold", "padding", "padding", "padding"];
        for (var i = 0; i < HeaderBytes; i++)
        {
            if (source[i] != expected[i])
                throw new LatticeFormatException(MultipartyMessages.ThresholdHeader(fields[i], expected[i], source[i]));
        }

        var share = new ThresholdShare(sharing, recipient, dealer);
        var position = HeaderBytes;
        for (var i = 0; i < share.Context.Tables.Length; i++)
        {
            var length = share.RowBytes(i);
            var table = share.Context.Tables[i];
            if (!BitReader.Read(source.Slice(position, length), 0, share.Bits(i), table.Prime, share.Evaluation.Slice(i * table.Degree, table.Degree)))
            {
                share.Dispose();
                throw new LatticeFormatException(Messages.ResidueTooLarge(Kind, table.Prime));
            }

            position += length;
        }

        return share;
    }

    internal void Add(ThresholdShare share)
    {
        RowArithmetic.Add(Context, Context.Degree, share.Evaluation, Evaluation);
        Dealers = new PartySet(Dealers.Mask | share.Dealers.Mask);
    }

    /// <summary>Zeroes the share; it cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _evaluation, null) is { } evaluation)
            Context.Polynomials.Return(evaluation, wasSecret: true);
    }

    private static void Header(int dealer, int recipient, int parties, int threshold, Span<byte> header)
    {
        header[..HeaderBytes].Clear();
        (header[0], header[1], header[2], header[3], header[4]) = (FormatVersion, (byte)dealer, (byte)recipient, (byte)parties, (byte)threshold);
    }

    private int Bits(int prime) => BitOperations.Log2(Context.Tables[prime].Prime) + 1;

    private int RowBytes(int prime) => BitWriter.ByteCount(Context.Degree, Bits(prime));
}
