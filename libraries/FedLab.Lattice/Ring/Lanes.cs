using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FedLab.Lattice.Ring;

/// <summary>The few IEEE 754 operations from which every kernel on residues is built, for one vector width.</summary>
/// <remarks>
/// Each operation is correctly rounded and works lane by lane, so a kernel written once over this interface gives the same
/// bits at every width; the widths differ only in how a block of 64 residues is turned (<see cref="LoadColumns"/>).
/// </remarks>
internal interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Residues in one vector: 8, 4 or 1.</summary>
    static abstract int Count { get; }

    static abstract TVector Create(double value);

    static abstract unsafe TVector Load(double* source);

    static abstract unsafe void Store(TVector value, double* destination);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary><c>left * right + addend</c>, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary><c>left * right - subtrahend</c>, rounded once.</summary>
    static abstract TVector MultiplySubtract(TVector left, TVector right, TVector subtrahend);

    /// <summary><c>addend - left * right</c>, rounded once.</summary>
    static abstract TVector MultiplyAddNegated(TVector left, TVector right, TVector addend);

    /// <summary>Where a lane of <paramref name="value"/> is negative, adds <paramref name="modulus"/> to it; minus zero becomes zero.</summary>
    static abstract TVector AddWhereNegative(TVector value, TVector modulus);

    static abstract TVector Absolute(TVector value);

    /// <summary>The larger lane; unspecified where one is NaN.</summary>
    static abstract TVector Maximum(TVector left, TVector right);

    static abstract double HorizontalMaximum(TVector value);

    static abstract double HorizontalSum(TVector value);

    /// <summary>Reads <see cref="Count"/> rows of eight residues each; lane l of vector e is element e of row l.</summary>
    static abstract unsafe void LoadColumns(
        double* rows,
        out TVector v0,
        out TVector v1,
        out TVector v2,
        out TVector v3,
        out TVector v4,
        out TVector v5,
        out TVector v6,
        out TVector v7);

    /// <summary>The inverse of <see cref="LoadColumns"/>.</summary>
    static abstract unsafe void StoreColumns(
        double* rows,
        TVector v0,
        TVector v1,
        TVector v2,
        TVector v3,
        TVector v4,
        TVector v5,
        TVector v6,
        TVector v7);
}

/// <summary>Eight residues in a 512-bit register (AVX-512 F).</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Create(double value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<double> Load(double* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector512<double> value, double* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> left, Vector512<double> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Subtract(Vector512<double> left, Vector512<double> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Multiply(Vector512<double> left, Vector512<double> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplyAdd(Vector512<double> left, Vector512<double> right, Vector512<double> addend) =>
        Avx512F.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplySubtract(Vector512<double> left, Vector512<double> right, Vector512<double> subtrahend) =>
        Avx512F.FusedMultiplySubtract(left, right, subtrahend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplyAddNegated(Vector512<double> left, Vector512<double> right, Vector512<double> addend) =>
        Avx512F.FusedMultiplyAddNegated(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> AddWhereNegative(Vector512<double> value, Vector512<double> modulus) =>
        value + (Vector512.LessThan(value, Vector512<double>.Zero) & modulus);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Absolute(Vector512<double> value) => Vector512.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Maximum(Vector512<double> left, Vector512<double> right) => Avx512F.Max(left, right);

    public static double HorizontalMaximum(Vector512<double> value) =>
        Lanes256.HorizontalMaximum(Lanes256.Maximum(value.GetLower(), value.GetUpper()));

    public static double HorizontalSum(Vector512<double> value) => Vector512.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadColumns(
        double* rows,
        out Vector512<double> v0,
        out Vector512<double> v1,
        out Vector512<double> v2,
        out Vector512<double> v3,
        out Vector512<double> v4,
        out Vector512<double> v5,
        out Vector512<double> v6,
        out Vector512<double> v7) =>
        Transpose(
            Load(rows),
            Load(rows + 8),
            Load(rows + 16),
            Load(rows + 24),
            Load(rows + 32),
            Load(rows + 40),
            Load(rows + 48),
            Load(rows + 56),
            out v0,
            out v1,
            out v2,
            out v3,
            out v4,
            out v5,
            out v6,
            out v7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreColumns(
        double* rows,
        Vector512<double> v0,
        Vector512<double> v1,
        Vector512<double> v2,
        Vector512<double> v3,
        Vector512<double> v4,
        Vector512<double> v5,
        Vector512<double> v6,
        Vector512<double> v7)
    {
        Transpose(v0, v1, v2, v3, v4, v5, v6, v7, out var r0, out var r1, out var r2, out var r3, out var r4, out var r5, out var r6, out var r7);
        Store(r0, rows);
        Store(r1, rows + 8);
        Store(r2, rows + 16);
        Store(r3, rows + 24);
        Store(r4, rows + 32);
        Store(r5, rows + 40);
        Store(r6, rows + 48);
        Store(r7, rows + 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector512<double> a0,
        Vector512<double> a1,
        Vector512<double> a2,
        Vector512<double> a3,
        Vector512<double> a4,
        Vector512<double> a5,
        Vector512<double> a6,
        Vector512<double> a7,
        out Vector512<double> v0,
        out Vector512<double> v1,
        out Vector512<double> v2,
        out Vector512<double> v3,
        out Vector512<double> v4,
        out Vector512<double> v5,
        out Vector512<double> v6,
        out Vector512<double> v7)
    {
        // Pairs of rows, element parity by element parity within each 128-bit quarter.
        var b0 = Avx512F.UnpackLow(a0, a1);   // a0[0] a1[0] | a0[2] a1[2] | a0[4] … | a0[6] …
        var b1 = Avx512F.UnpackHigh(a0, a1);
        var b2 = Avx512F.UnpackLow(a2, a3);
        var b3 = Avx512F.UnpackHigh(a2, a3);
        var b4 = Avx512F.UnpackLow(a4, a5);
        var b5 = Avx512F.UnpackHigh(a4, a5);
        var b6 = Avx512F.UnpackLow(a6, a7);
        var b7 = Avx512F.UnpackHigh(a6, a7);

        // Quarters 0 and 2 (0x88), 1 and 3 (0xDD) of two vectors.
        var c0 = Avx512F.Shuffle4x128(b0, b2, 0x88);   // elements 0, 4 of rows 0,1 then of rows 2,3
        var c1 = Avx512F.Shuffle4x128(b1, b3, 0x88);
        var c2 = Avx512F.Shuffle4x128(b0, b2, 0xDD);
        var c3 = Avx512F.Shuffle4x128(b1, b3, 0xDD);
        var c4 = Avx512F.Shuffle4x128(b4, b6, 0x88);
        var c5 = Avx512F.Shuffle4x128(b5, b7, 0x88);
        var c6 = Avx512F.Shuffle4x128(b4, b6, 0xDD);
        var c7 = Avx512F.Shuffle4x128(b5, b7, 0xDD);
        v0 = Avx512F.Shuffle4x128(c0, c4, 0x88);
        v4 = Avx512F.Shuffle4x128(c0, c4, 0xDD);
        v1 = Avx512F.Shuffle4x128(c1, c5, 0x88);
        v5 = Avx512F.Shuffle4x128(c1, c5, 0xDD);
        v2 = Avx512F.Shuffle4x128(c2, c6, 0x88);
        v6 = Avx512F.Shuffle4x128(c2, c6, 0xDD);
        v3 = Avx512F.Shuffle4x128(c3, c7, 0x88);
        v7 = Avx512F.Shuffle4x128(c3, c7, 0xDD);
    }
}

/// <summary>Four residues in a 256-bit register (AVX and FMA).</summary>
internal readonly struct Lanes256 : ILanes<Vector256<double>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Create(double value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<double> Load(double* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector256<double> value, double* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add(Vector256<double> left, Vector256<double> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Subtract(Vector256<double> left, Vector256<double> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Multiply(Vector256<double> left, Vector256<double> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplyAdd(Vector256<double> left, Vector256<double> right, Vector256<double> addend) =>
        Fma.MultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplySubtract(Vector256<double> left, Vector256<double> right, Vector256<double> subtrahend) =>
        Fma.MultiplySubtract(left, right, subtrahend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplyAddNegated(Vector256<double> left, Vector256<double> right, Vector256<double> addend) =>
        Fma.MultiplyAddNegated(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> AddWhereNegative(Vector256<double> value, Vector256<double> modulus) =>
        value + (Vector256.LessThan(value, Vector256<double>.Zero) & modulus);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Absolute(Vector256<double> value) => Vector256.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Maximum(Vector256<double> left, Vector256<double> right) => Avx.Max(left, right);

    public static double HorizontalMaximum(Vector256<double> value)
    {
        var half = Sse2.Max(value.GetLower(), value.GetUpper());
        return LanesScalar.Maximum(half.GetElement(0), half.GetElement(1));
    }

    public static double HorizontalSum(Vector256<double> value) => Vector256.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadColumns(
        double* rows,
        out Vector256<double> v0,
        out Vector256<double> v1,
        out Vector256<double> v2,
        out Vector256<double> v3,
        out Vector256<double> v4,
        out Vector256<double> v5,
        out Vector256<double> v6,
        out Vector256<double> v7)
    {
        Transpose(Load(rows), Load(rows + 8), Load(rows + 16), Load(rows + 24), out v0, out v1, out v2, out v3);
        Transpose(Load(rows + 4), Load(rows + 12), Load(rows + 20), Load(rows + 28), out v4, out v5, out v6, out v7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreColumns(
        double* rows,
        Vector256<double> v0,
        Vector256<double> v1,
        Vector256<double> v2,
        Vector256<double> v3,
        Vector256<double> v4,
        Vector256<double> v5,
        Vector256<double> v6,
        Vector256<double> v7)
    {
        Transpose(v0, v1, v2, v3, out var low0, out var low1, out var low2, out var low3);
        Transpose(v4, v5, v6, v7, out var high0, out var high1, out var high2, out var high3);
        Store(low0, rows);
        Store(high0, rows + 4);
        Store(low1, rows + 8);
        Store(high1, rows + 12);
        Store(low2, rows + 16);
        Store(high2, rows + 20);
        Store(low3, rows + 24);
        Store(high3, rows + 28);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<double> a0,
        Vector256<double> a1,
        Vector256<double> a2,
        Vector256<double> a3,
        out Vector256<double> v0,
        out Vector256<double> v1,
        out Vector256<double> v2,
        out Vector256<double> v3)
    {
        var b0 = Avx.UnpackLow(a0, a1);
        var b1 = Avx.UnpackHigh(a0, a1);
        var b2 = Avx.UnpackLow(a2, a3);
        var b3 = Avx.UnpackHigh(a2, a3);
        v0 = Avx.Permute2x128(b0, b2, 0x20);
        v1 = Avx.Permute2x128(b1, b3, 0x20);
        v2 = Avx.Permute2x128(b0, b2, 0x31);
        v3 = Avx.Permute2x128(b1, b3, 0x31);
    }
}

/// <summary>One residue at a time: every machine, and the oracle of the tests.</summary>
internal readonly struct LanesScalar : ILanes<double>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Create(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe double Load(double* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(double value, double* destination) => *destination = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(double left, double right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Subtract(double left, double right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Multiply(double left, double right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplyAdd(double left, double right, double addend) => Math.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplySubtract(double left, double right, double subtrahend) =>
        Math.FusedMultiplyAdd(left, right, -subtrahend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplyAddNegated(double left, double right, double addend) =>
        Math.FusedMultiplyAdd(-left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double AddWhereNegative(double value, double modulus)
    {
        // A mask instead of a branch: the sign of a residue may be secret. Minus zero, which has the sign bit too, is cleared first.
        var bits = BitConverter.DoubleToInt64Bits(value + 0.0);
        return value + BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(modulus) & (bits >> 63));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Absolute(double value) => Math.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Maximum(double left, double right) => left > right ? left : right;

    public static double HorizontalMaximum(double value) => value;

    public static double HorizontalSum(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadColumns(
        double* rows,
        out double v0,
        out double v1,
        out double v2,
        out double v3,
        out double v4,
        out double v5,
        out double v6,
        out double v7)
    {
        v0 = rows[0];
        v1 = rows[1];
        v2 = rows[2];
        v3 = rows[3];
        v4 = rows[4];
        v5 = rows[5];
        v6 = rows[6];
        v7 = rows[7];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreColumns(
        double* rows,
        double v0,
        double v1,
        double v2,
        double v3,
        double v4,
        double v5,
        double v6,
        double v7)
    {
        rows[0] = v0;
        rows[1] = v1;
        rows[2] = v2;
        rows[3] = v3;
        rows[4] = v4;
        rows[5] = v5;
        rows[6] = v6;
        rows[7] = v7;
    }
}
