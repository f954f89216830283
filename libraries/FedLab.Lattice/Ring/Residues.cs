using System.Runtime.CompilerServices;

namespace FedLab.Lattice.Ring;

/// <summary>Arithmetic modulo a prime p &lt; 2^50 on integers held as doubles. Every function is exact.</summary>
/// <remarks>
/// <para><b>Product.</b> h = fl(a·b); l = a·b − h exactly (one fused multiply-add, both factors are integers below 2^53);
/// q = fl(h·fl(1/p)) rounded to an integer by adding and taking away 1.5·2^52; r = (h − q·p) + l. The value a·b − q·p equals r
/// exactly: h − q·p is an integer below 2^53, so its fused multiply-add does not round.</para>
/// <para><b>Range.</b> Let |a·b| ≤ κ·p². With 1/p and h each rounded once, |h·fl(1/p) − a·b/p| ≤ κ·p·2^-52 (1 + 2^-52), hence
/// |r| ≤ (½ + κ·p·2^-52)·p &lt; (½ + κ/4)·p. The rounding trick needs |a·b/p| &lt; 2^51, that is κ·p &lt; 2^51, so κ ≤ 2 always
/// serves (a within ±4p and a constant b within ±p/2, or both within ±1.4p).</para>
/// <para><b>Sum.</b> Integers up to 2^53 in magnitude are exact, so at p &lt; 2^50 eight residues within ±p may be added before a
/// reduction; <see cref="Reduce"/> takes any integer within ±2^53 to ±p/2 (one unit more when the rounded quotient falls on the tie).</para>
/// </remarks>
internal static class Residues<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>1.5·2^52: adding it rounds a double below 2^51 in magnitude to the nearest integer, ties to even.</summary>
    public const double RoundingShift = 6755399441055744.0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Reduce(TVector value, TVector modulus, TVector inverse, TVector shift)
    {
        var quotient = TLanes.Subtract(TLanes.MultiplyAdd(value, inverse, shift), shift);
        return TLanes.MultiplyAddNegated(quotient, modulus, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Multiply(TVector left, TVector right, TVector modulus, TVector inverse, TVector shift)
    {
        var high = TLanes.Multiply(left, right);
        var low = TLanes.MultiplySubtract(left, right, high);
        var quotient = TLanes.Subtract(TLanes.MultiplyAdd(high, inverse, shift), shift);
        return TLanes.Add(TLanes.MultiplyAddNegated(quotient, modulus, high), low);
    }
}
