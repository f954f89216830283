using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Curve25519.Field;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Curve25519.Tests;

/// <summary>The field arithmetic of every width against BigInteger; each lane holds its own values, so lanes that mix show.</summary>
public sealed class FieldTests
{
    private const int Lanes = 8;
    private static readonly BigInteger P = (BigInteger.One << 255) - 19;

    private static readonly BigInteger[] Edges =
        [0, 1, 2, 18, 19, 20, P - 2, P - 1, P, P + 1, P + 18, (P - 1) / 2, (P + 1) / 2, BigInteger.One << 254, (BigInteger.One << 51) - 1, BigInteger.One << 230];

    private static Gen<BigInteger> Element { get; } = Gen.OneOf(
        Gen.Elements(Edges),
        ArbMap.Default.GeneratorFor<byte>().ArrayOf(32).Select(bytes => new BigInteger(bytes, isUnsigned: true) % (BigInteger.One << 255)),
        // long runs of ones and zeros, where carries travel far
        Gen.Choose(0, 255).Two().Select(t => BigInteger.Abs((BigInteger.One << t.Item1) - (BigInteger.One << t.Item2)) % (BigInteger.One << 255)));

    private static Arbitrary<(BigInteger[] Left, BigInteger[] Right)> Operands { get; } =
        Element.ArrayOf(Lanes).Two().Select(t => (t.Item1, t.Item2)).ToArbitrary();

    [Fact]
    public void Products_are_those_of_the_field() => Holds(
        new Multiplication(), (a, b) => a * b);

    [Fact]
    public void A_product_may_replace_either_operand() => Holds(new MultiplicationInPlace(), (a, b) => a * b * b);

    [Fact]
    public void Squares_of_differences_are_those_of_the_field() => Holds(new SquareOfDifference(), (a, b) => (a - b) * (a - b));

    [Fact]
    public void Sums_times_differences_are_those_of_the_field() => Holds(new SumTimesDifference(), (a, b) => (a + b) * (a - b));

    [Fact]
    public void Small_multiples_of_differences_are_those_of_the_field() => Holds(new SmallMultiple(), (a, b) => 121665 * (a - b));

    [Fact]
    public void Inverses_are_those_of_the_field_and_zero_for_zero() => Holds(new Inversion(), (a, _) => BigInteger.ModPow(a, P - 2, P));

    [Fact]
    public void Powers_for_square_roots_are_those_of_the_field() => Holds(new RootPower(), (a, _) => BigInteger.ModPow(a, (P - 5) / 8, P));

    [Fact]
    public void Legendre_symbols_are_those_of_the_field() => Holds(new Legendre(), (a, _) => BigInteger.ModPow(a, (P - 1) / 2, P));

    [Fact]
    public void Selection_and_exchange_follow_their_masks_only() => Holds(new SelectionAndSwap(), (a, b) => (a + b) % 2 == 0 ? a : b);

    [Fact]
    public void Encodings_are_canonical_and_round_trip() => Prop.ForAll(Element.ToArbitrary(), value =>
    {
        var element = FieldElement.FromBytes(Encode(value));
        var bytes = new byte[32];
        element.WriteTo(bytes);
        var isCanonical = FieldElement.IsCanonical(Encode(value));
        return new BigInteger(bytes, isUnsigned: true) == value % P
            && isCanonical == value < P
            && element.IsZeroMask() == (value % P == 0 ? ulong.MaxValue : 0)
            && element.LowBit() == (uint)(value % P % 2);
    }).Search();

    [Fact]
    public void The_top_bit_of_an_encoding_is_ignored_and_never_canonical()
    {
        var bytes = Encode(7);
        bytes[31] |= 0x80;
        var read = new byte[32];
        FieldElement.FromBytes(bytes).WriteTo(read);
        Assert.Equal(Encode(7), read);
        Assert.False(FieldElement.IsCanonical(bytes));
    }

    [Fact]
    public void Products_of_the_largest_allowed_limbs_do_not_overflow()
    {
        LargestLimbs<FieldElement>(_ => FieldElement.LimbLimit - 1, i => 51 * i, 5);
        if (LanePaths.Supported.Contains(LanePath.Vector256)) LargestLimbs<FieldLanes256>(LaneLimit, i => (51 * i + 1) / 2, 10);
        if (LanePaths.Supported.Contains(LanePath.Vector512)) LargestLimbs<FieldLanes512>(LaneLimit, i => (51 * i + 1) / 2, 10);

        static ulong LaneLimit(int i) => (i % 2 == 0 ? FieldLanes512.EvenLimit : FieldLanes512.OddLimit) - 1;
    }

    [Fact]
    public void Inverting_many_is_inverting_each()
    {
        InvertsAll<FieldElement>();
        if (LanePaths.Supported.Contains(LanePath.Vector256)) InvertsAll<FieldLanes256>();
        if (LanePaths.Supported.Contains(LanePath.Vector512)) InvertsAll<FieldLanes512>();
    }

    private static void InvertsAll<TField>()
        where TField : unmanaged, IField<TField>
    {
        foreach (var count in (int[])[0, 1, 2, 33])
        {
            var values = new TField[count];
            var expected = new TField[count];
            for (var i = 0; i < count; i++)
            {
                for (var lane = 0; lane < TField.LaneCount; lane++)
                {
                    var element = FieldElement.FromBytes(RandomNumberGenerator.GetBytes(32));
                    TField.SetLane(ref values[i], lane, in element);
                }

                FieldPowers<TField>.Invert(in values[i], out expected[i]);
            }

            FieldPowers<TField>.InvertAll(values, new TField[count]);
            for (var i = 0; i < count; i++)
                Assert.Equal(Decode(in expected[i]), Decode(in values[i]));
        }
    }

    private static void LargestLimbs<TField>(Func<int, ulong> limit, Func<int, int> weight, int limbs)
        where TField : unmanaged, IField<TField>
    {
        var operand = default(TField);
        var words = MemoryMarshal.Cast<TField, ulong>(new Span<TField>(ref operand));
        var value = BigInteger.Zero;
        for (var i = 0; i < limbs; i++)
        {
            words.Slice(i * TField.LaneCount, TField.LaneCount).Fill(limit(i));
            value += (BigInteger)limit(i) << weight(i);
        }

        TField.Multiply(in operand, in operand, out var product);
        TField.Square(in operand, out var square);
        TField.MultiplySmall(in operand, (1 << 17) - 1, out var multiple);
        Assert.All(Decode(in product), v => Assert.Equal(value * value % P, v));
        Assert.All(Decode(in square), v => Assert.Equal(value * value % P, v));
        Assert.All(Decode(in multiple), v => Assert.Equal(value * ((1 << 17) - 1) % P, v));

        // What comes out must again be small enough to be added, subtracted and multiplied.
        TField.Subtract(in product, in square, out var difference);
        TField.Add(in product, in square, out var sum);
        TField.Multiply(in difference, in sum, out var zero);
        Assert.All(Decode(in zero), v => Assert.Equal(BigInteger.Zero, v));
    }

    private static void Holds(IOperation operation, Func<BigInteger, BigInteger, BigInteger> expected)
    {
        Prop.ForAll(Operands, t =>
        {
            var wanted = t.Left.Zip(t.Right, (a, b) => (expected(a, b) % P + P) % P).ToArray();
            var agrees = wanted.SequenceEqual(Run<FieldElement>(operation, t.Left, t.Right));
            if (LanePaths.Supported.Contains(LanePath.Vector256)) agrees &= wanted.SequenceEqual(Run<FieldLanes256>(operation, t.Left, t.Right));
            if (LanePaths.Supported.Contains(LanePath.Vector512)) agrees &= wanted.SequenceEqual(Run<FieldLanes512>(operation, t.Left, t.Right));
            return agrees;
        }).Search();
    }

    private static BigInteger[] Run<TField>(IOperation operation, BigInteger[] left, BigInteger[] right)
        where TField : unmanaged, IField<TField>
    {
        var results = new List<BigInteger>();
        for (var first = 0; first < left.Length; first += TField.LaneCount)
        {
            var masks = new ulong[TField.LaneCount];
            var a = default(TField);
            var b = default(TField);
            for (var lane = 0; lane < TField.LaneCount; lane++)
            {
                var l = FieldElement.FromBytes(Encode(left[first + lane]));
                var r = FieldElement.FromBytes(Encode(right[first + lane]));
                TField.SetLane(ref a, lane, in l);
                TField.SetLane(ref b, lane, in r);
                masks[lane] = (left[first + lane] + right[first + lane]) % 2 == 0 ? ulong.MaxValue : 0;
            }

            operation.Apply(a, b, masks, out TField result);
            results.AddRange(Decode(in result));
        }

        return [.. results];
    }

    private static BigInteger[] Decode<TField>(ref readonly TField field)
        where TField : unmanaged, IField<TField>
    {
        var values = new BigInteger[TField.LaneCount];
        var bytes = new byte[32];
        for (var lane = 0; lane < values.Length; lane++)
        {
            TField.GetLane(in field, lane).WriteTo(bytes);
            values[lane] = new BigInteger(bytes, isUnsigned: true);
        }

        return values;
    }

    private static byte[] Encode(BigInteger value)
    {
        var bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private interface IOperation
    {
        void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>;
    }

    private sealed class Multiplication : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField> => TField.Multiply(in left, in right, out result);
    }

    private sealed class MultiplicationInPlace : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>
        {
            TField.Multiply(in left, in right, out left);
            TField.Multiply(in left, in right, out right);
            result = right;
        }
    }

    private sealed class SquareOfDifference : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>
        {
            TField.Subtract(in left, in right, out result);
            TField.Square(in result, out result);
        }
    }

    private sealed class SumTimesDifference : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>
        {
            TField.Add(in left, in right, out var sum);
            TField.Subtract(in left, in right, out var difference);
            TField.Multiply(in sum, in difference, out result);
        }
    }

    private sealed class SmallMultiple : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>
        {
            TField.Subtract(in left, in right, out var difference);
            TField.MultiplySmall(in difference, 121665, out result);
        }
    }

    private sealed class Inversion : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField> => FieldPowers<TField>.Invert(in left, out result);
    }

    private sealed class RootPower : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField> => FieldPowers<TField>.PowerForSquareRoot(in left, out result);
    }

    private sealed class Legendre : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField> => FieldPowers<TField>.LegendreSymbol(in left, out result);
    }

    /// <summary>Swaps twice by a set and once by a clear mask, then selects: the first operand where the mask is set.</summary>
    private sealed class SelectionAndSwap : IOperation
    {
        public void Apply<TField>(TField left, TField right, ReadOnlySpan<ulong> masks, out TField result)
            where TField : unmanaged, IField<TField>
        {
            TField.ConditionalSwap(0, ref left, ref right);
            TField.ConditionalSwap(ulong.MaxValue, ref left, ref right);
            TField.Select(masks, in right, in left, out result);
        }
    }
}
