namespace FedLab.Curve25519.Field;

/// <summary>
/// One or several elements of the field modulo p = 2^255 − 19, computed on together, one element a lane.
/// The curve algorithms are written once against this interface; the number of lanes is the only difference.
/// </summary>
/// <remarks>
/// <para>Limbs are redundant and reduction is lazy. An element is <em>reduced</em> when it comes out of
/// <see cref="Multiply"/>, <see cref="Square"/>, <see cref="MultiplySmall"/> or <see cref="SetLane"/>.
/// <see cref="Add"/> and <see cref="Subtract"/> take reduced elements and do not carry; their results may go into a
/// multiplication and nowhere else. The bounds that make this safe stand beside each implementation.</para>
/// <para>No operation branches on a value or indexes by one. A result may be the same variable as an operand.</para>
/// </remarks>
internal interface IField<TSelf>
    where TSelf : unmanaged, IField<TSelf>
{
    /// <summary>How many elements are computed on together.</summary>
    static abstract int LaneCount { get; }

    /// <summary>result = left · right; operands may be sums or differences.</summary>
    static abstract void Multiply(ref readonly TSelf left, ref readonly TSelf right, out TSelf result);

    /// <summary>result = value²; the operand may be a sum or a difference.</summary>
    static abstract void Square(ref readonly TSelf value, out TSelf result);

    /// <summary>result = factor · value for a factor below 2^17; the operand may be a sum or a difference.</summary>
    static abstract void MultiplySmall(ref readonly TSelf value, uint factor, out TSelf result);

    /// <summary>result = left + right, not carried; operands must be reduced.</summary>
    static abstract void Add(ref readonly TSelf left, ref readonly TSelf right, out TSelf result);

    /// <summary>result = left − right (2p is added so that no limb is negative), not carried; operands must be reduced.</summary>
    static abstract void Subtract(ref readonly TSelf left, ref readonly TSelf right, out TSelf result);

    /// <summary>Exchanges left and right in every lane where <paramref name="mask"/> is all ones; it must be 0 or all ones.</summary>
    static abstract void ConditionalSwap(ulong mask, ref TSelf left, ref TSelf right);

    /// <summary>Lane by lane: whenSet where the lane's mask is all ones, whenClear where it is zero.</summary>
    static abstract void Select(ReadOnlySpan<ulong> laneMasks, ref readonly TSelf whenSet, ref readonly TSelf whenClear, out TSelf result);

    /// <summary>The same element in every lane.</summary>
    static abstract void Broadcast(ref readonly FieldElement value, out TSelf result);

    /// <summary>Writes one lane; the value must be reduced.</summary>
    static abstract void SetLane(ref TSelf target, int lane, ref readonly FieldElement value);

    /// <summary>Reads one lane.</summary>
    static abstract FieldElement GetLane(ref readonly TSelf source, int lane);
}
