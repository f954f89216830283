using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedLab.Learning;

/// <summary>One register of 512 bits.</summary>
internal readonly struct EightLanes512(Vector512<double> lanes) : IEightLanes<EightLanes512>
{
    private readonly Vector512<double> _lanes = lanes;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 Load(ReadOnlySpan<double> source, int start) => new(Vector512.Create(source.Slice(start, 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 Broadcast(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 operator +(EightLanes512 left, EightLanes512 right) => new(left._lanes + right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 operator *(EightLanes512 left, EightLanes512 right) => new(left._lanes * right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 operator /(EightLanes512 left, EightLanes512 right) => new(left._lanes / right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 MultiplyAdd(EightLanes512 left, EightLanes512 right, EightLanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._lanes, right._lanes, addend._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 Max(EightLanes512 left, EightLanes512 right) => new(Vector512.Max(left._lanes, right._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 NegativeAbs(EightLanes512 value) => new(value._lanes | Vector512.Create(-0.0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 Exp(EightLanes512 value) => new(Vector512.Exp(value._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes512 WhereNotNegative(EightLanes512 value, EightLanes512 ifNotNegative, EightLanes512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(value._lanes, Vector512<double>.Zero), ifNotNegative._lanes, otherwise._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<double> target, int start) => _lanes.CopyTo(target.Slice(start, 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Sum()
    {
        var four = _lanes.GetLower() + _lanes.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two.ToScalar() + two.GetElement(1);
    }

    public double Product()
    {
        var four = _lanes.GetLower() * _lanes.GetUpper();
        var two = four.GetLower() * four.GetUpper();
        return two.ToScalar() * two.GetElement(1);
    }
}

/// <summary>Two registers of 256 bits.</summary>
internal readonly struct EightLanes256(Vector256<double> low, Vector256<double> high) : IEightLanes<EightLanes256>
{
    private readonly Vector256<double> _low = low;
    private readonly Vector256<double> _high = high;

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 Load(ReadOnlySpan<double> source, int start)
    {
        var eight = source.Slice(start, 8);
        return new(Vector256.Create(eight), Vector256.Create(eight[4..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 Broadcast(double value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 operator +(EightLanes256 left, EightLanes256 right) => new(left._low + right._low, left._high + right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 operator *(EightLanes256 left, EightLanes256 right) => new(left._low * right._low, left._high * right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 operator /(EightLanes256 left, EightLanes256 right) => new(left._low / right._low, left._high / right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 MultiplyAdd(EightLanes256 left, EightLanes256 right, EightLanes256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._low, right._low, addend._low), Vector256.FusedMultiplyAdd(left._high, right._high, addend._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 Max(EightLanes256 left, EightLanes256 right) => new(Vector256.Max(left._low, right._low), Vector256.Max(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 NegativeAbs(EightLanes256 value) => new(value._low | Vector256.Create(-0.0), value._high | Vector256.Create(-0.0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 Exp(EightLanes256 value) => new(Vector256.Exp(value._low), Vector256.Exp(value._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes256 WhereNotNegative(EightLanes256 value, EightLanes256 ifNotNegative, EightLanes256 otherwise) => new(
        Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value._low, Vector256<double>.Zero), ifNotNegative._low, otherwise._low),
        Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value._high, Vector256<double>.Zero), ifNotNegative._high, otherwise._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<double> target, int start)
    {
        var eight = target.Slice(start, 8);
        _low.CopyTo(eight);
        _high.CopyTo(eight[4..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Sum()
    {
        var four = _low + _high;
        var two = four.GetLower() + four.GetUpper();
        return two.ToScalar() + two.GetElement(1);
    }

    public double Product()
    {
        var four = _low * _high;
        var two = four.GetLower() * four.GetUpper();
        return two.ToScalar() * two.GetElement(1);
    }
}

/// <summary>Four registers of 128 bits; without such registers .NET computes the same lane by lane.</summary>
internal readonly struct EightLanes128(Vector128<double> first, Vector128<double> second, Vector128<double> third, Vector128<double> fourth) : IEightLanes<EightLanes128>
{
    private readonly Vector128<double> _first = first;
    private readonly Vector128<double> _second = second;
    private readonly Vector128<double> _third = third;
    private readonly Vector128<double> _fourth = fourth;

    public static bool IsSupported => true;

    public static EightLanes128 Load(ReadOnlySpan<double> source, int start)
    {
        var eight = source.Slice(start, 8);
        return new(Vector128.Create(eight), Vector128.Create(eight[2..]), Vector128.Create(eight[4..]), Vector128.Create(eight[6..]));
    }

    public static EightLanes128 Broadcast(double value)
    {
        var two = Vector128.Create(value);
        return new(two, two, two, two);
    }

    public static EightLanes128 operator +(EightLanes128 left, EightLanes128 right) =>
        new(left._first + right._first, left._second + right._second, left._third + right._third, left._fourth + right._fourth);

    public static EightLanes128 operator *(EightLanes128 left, EightLanes128 right) =>
        new(left._first * right._first, left._second * right._second, left._third * right._third, left._fourth * right._fourth);

    public static EightLanes128 operator /(EightLanes128 left, EightLanes128 right) =>
        new(left._first / right._first, left._second / right._second, left._third / right._third, left._fourth / right._fourth);

    public static EightLanes128 MultiplyAdd(EightLanes128 left, EightLanes128 right, EightLanes128 addend) => new(
        Vector128.FusedMultiplyAdd(left._first, right._first, addend._first),
        Vector128.FusedMultiplyAdd(left._second, right._second, addend._second),
        Vector128.FusedMultiplyAdd(left._third, right._third, addend._third),
        Vector128.FusedMultiplyAdd(left._fourth, right._fourth, addend._fourth));

    public static EightLanes128 Max(EightLanes128 left, EightLanes128 right) => new(
        Vector128.Max(left._first, right._first),
        Vector128.Max(left._second, right._second),
        Vector128.Max(left._third, right._third),
        Vector128.Max(left._fourth, right._fourth));

    public static EightLanes128 NegativeAbs(EightLanes128 value)
    {
        var sign = Vector128.Create(-0.0);
        return new(value._first | sign, value._second | sign, value._third | sign, value._fourth | sign);
    }

    public static EightLanes128 Exp(EightLanes128 value) =>
        new(Vector128.Exp(value._first), Vector128.Exp(value._second), Vector128.Exp(value._third), Vector128.Exp(value._fourth));

    public static EightLanes128 WhereNotNegative(EightLanes128 value, EightLanes128 ifNotNegative, EightLanes128 otherwise)
    {
        return new(
            Select(value._first, ifNotNegative._first, otherwise._first),
            Select(value._second, ifNotNegative._second, otherwise._second),
            Select(value._third, ifNotNegative._third, otherwise._third),
            Select(value._fourth, ifNotNegative._fourth, otherwise._fourth));

        static Vector128<double> Select(Vector128<double> value, Vector128<double> ifNotNegative, Vector128<double> otherwise) =>
            Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(value, Vector128<double>.Zero), ifNotNegative, otherwise);
    }

    public void Store(Span<double> target, int start)
    {
        var eight = target.Slice(start, 8);
        _first.CopyTo(eight);
        _second.CopyTo(eight[2..]);
        _third.CopyTo(eight[4..]);
        _fourth.CopyTo(eight[6..]);
    }

    public double Sum()
    {
        var two = _first + _third + (_second + _fourth);
        return two.ToScalar() + two.GetElement(1);
    }

    public double Product()
    {
        var two = _first * _third * (_second * _fourth);
        return two.ToScalar() * two.GetElement(1);
    }
}
