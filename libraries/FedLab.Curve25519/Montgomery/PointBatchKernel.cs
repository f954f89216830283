using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Montgomery;

/// <summary>
/// Multiplies and maps many points, as many at a time as the field type has lanes, with one inversion for a group of vectors.
/// <code>
///   32-byte points → lanes of a vector → ladder → x, z ─┐
///   32-byte points → lanes of a vector → ladder → x, z ─┼→ one inversion of Π z → x/z → canonical bytes
///   …                                                   ┘
/// </code>
/// </summary>
internal static class PointBatchKernel<TField>
    where TField : unmanaged, IField<TField>
{
    /// <summary>Vectors that share an inversion: its 265 products weigh less than half a percent of 32 ladders.</summary>
    private const int VectorsPerGroup = 32;

    /// <summary>The u-coordinate that fills lanes without a point; its order is large, so no product of it is zero.</summary>
    private static readonly FieldElement Filler = FieldElement.FromSmall(9);

    /// <summary>Multiplies canonical points.</summary>
    /// <returns>The index of the first point whose product is zero, or −1.</returns>
    public static int Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> points, Span<byte> result, CancellationToken ct) =>
        Run(points, result, scalar, ct);

    /// <summary>Maps 255-bit strings to the curve; every denominator is nonzero.</summary>
    public static void HashToCurve(ReadOnlySpan<byte> digests, Span<byte> points) => Run(digests, points, [], CancellationToken.None);

    private static int Run(ReadOnlySpan<byte> input, Span<byte> output, ReadOnlySpan<byte> scalar, CancellationToken ct)
    {
        var pointsPerGroup = VectorsPerGroup * TField.LaneCount;
        var total = input.Length / FieldElement.Size;
        var vectors = (Math.Min(total, pointsPerGroup) + TField.LaneCount - 1) / TField.LaneCount;
        using var workspace = new SecretBuffer<TField>(3 * vectors);
        using var ladder = new SecretBuffer<LadderState<TField>>(1);
        for (var start = 0; start < total; start += pointsPerGroup)
        {
            var count = Math.Min(pointsPerGroup, total - start);
            var offset = start * FieldElement.Size;
            var length = count * FieldElement.Size;
            var zero = RunGroup(input.Slice(offset, length), output.Slice(offset, length), scalar, workspace.Span, ref ladder.Span[0], ct);
            if (zero >= 0) return start + zero;
        }

        return -1;
    }

    private static int RunGroup(
        ReadOnlySpan<byte> input,
        Span<byte> output,
        ReadOnlySpan<byte> scalar,
        Span<TField> workspace,
        ref LadderState<TField> ladder,
        CancellationToken ct)
    {
        var count = input.Length / FieldElement.Size;
        var vectors = (count + TField.LaneCount - 1) / TField.LaneCount;
        var numerators = workspace[..vectors];
        var denominators = workspace.Slice(vectors, vectors);
        var products = workspace.Slice(2 * vectors, vectors);
        for (var v = 0; v < vectors; v++)
        {
            ct.ThrowIfCancellationRequested();
            Load(input, v * TField.LaneCount, count, out ladder.Point);
            if (scalar.IsEmpty)
            {
                Elligator<TField>.Map(in ladder.Point, out numerators[v], out denominators[v]);
            }
            else
            {
                MontgomeryLadder<TField>.Multiply(scalar, ref ladder);
                numerators[v] = ladder.X;
                denominators[v] = ladder.Z;
            }
        }

        var zero = FirstZero(denominators, count, products);
        if (zero >= 0) return zero;
        for (var v = 0; v < vectors; v++)
        {
            TField.Multiply(in numerators[v], in denominators[v], out var quotient);
            Store(in quotient, output, v * TField.LaneCount, count);
        }

        return -1;
    }

    /// <summary>Inverts the denominators unless one of them is zero, whose index it gives back.</summary>
    private static int FirstZero(Span<TField> denominators, int count, Span<TField> products)
    {
        var vectors = denominators.Length;
        FieldPowers<TField>.InvertAll(denominators, products);
        var isZero = 0UL;
        for (var lane = 0; lane < TField.LaneCount; lane++) isZero |= TField.GetLane(in products[vectors - 1], lane).IsZeroMask();
        if (isZero == 0) return -1;

        // A zero makes its lane's running product zero from there on, and only there.
        for (var i = 0; i < count; i++)
        {
            if (TField.GetLane(in products[i / TField.LaneCount], i % TField.LaneCount).IsZeroMask() != 0) return i;
        }

        throw new InvalidOperationException("A lane without a point became zero.");
    }

    private static void Load(ReadOnlySpan<byte> points, int first, int count, out TField vector)
    {
        vector = default;
        for (var lane = 0; lane < TField.LaneCount; lane++)
        {
            var i = first + lane;
            var element = i < count ? FieldElement.FromBytes(points[(i * FieldElement.Size)..]) : Filler;
            TField.SetLane(ref vector, lane, in element);
        }
    }

    private static void Store(ref readonly TField vector, Span<byte> points, int first, int count)
    {
        for (var lane = 0; lane < TField.LaneCount && first + lane < count; lane++)
            TField.GetLane(in vector, lane).WriteTo(points[((first + lane) * FieldElement.Size)..]);
    }
}
