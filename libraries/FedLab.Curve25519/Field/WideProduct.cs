using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FedLab.Curve25519.Field;

/// <summary>
/// A sum of 64×64-bit products in two words. <see cref="UInt128"/> would do, but takes every product through memory
/// (the two-result multiplication stores its low word): this form is more than twice as fast.
/// </summary>
internal readonly struct WideProduct
{
    public readonly ulong Low;
    private readonly ulong _high;

    private WideProduct(ulong high, ulong low)
    {
        _high = high;
        Low = low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideProduct Of(ulong left, ulong right) => new(MultiplyHigh(left, right), left * right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WideProduct Plus(ulong left, ulong right)
    {
        var product = left * right;
        var low = Low + product;
        return new WideProduct(_high + MultiplyHigh(left, right) + CarryOf(low, product), low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WideProduct Plus(ulong value)
    {
        var low = Low + value;
        return new WideProduct(_high + CarryOf(low, value), low);
    }

    /// <summary>The low word of the sum divided by 2^<paramref name="bits"/>, for 0 &lt; bits &lt; 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ShiftRight(int bits) => Low >> bits | _high << 64 - bits;

    /// <summary>One if the addition that gave the sum overflowed; a comparison and a set instruction, no branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CarryOf(ulong sum, ulong addend) => sum < addend ? 1UL : 0UL;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyHigh(ulong left, ulong right) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(left, right) : Math.BigMul(left, right, out _);
}
