namespace FedLab.Learning;

/// <summary>
/// Eight doubles side by side, whatever the width of the processor's registers. Every operation is exact IEEE arithmetic lane by lane and
/// <see cref="Sum"/> has one order, so that all implementations give the same bits.
/// </summary>
internal interface IEightLanes<T>
    where T : struct, IEightLanes<T>
{
    static abstract bool IsSupported { get; }

    static abstract T Load(ReadOnlySpan<double> source, int start);

    static abstract T Broadcast(double value);

    static abstract T operator +(T left, T right);

    static abstract T operator *(T left, T right);

    static abstract T operator /(T left, T right);

    /// <summary>left·right + addend, rounded once.</summary>
    static abstract T MultiplyAdd(T left, T right, T addend);

    static abstract T Max(T left, T right);

    /// <summary>−|value|.</summary>
    static abstract T NegativeAbs(T value);

    static abstract T Exp(T value);

    /// <summary>In each lane where <paramref name="value"/> is at least 0 the first, otherwise the second.</summary>
    static abstract T WhereNotNegative(T value, T ifNotNegative, T otherwise);

    void Store(Span<double> target, int start);

    /// <summary>((0+4)+(2+6)) + ((1+5)+(3+7)).</summary>
    double Sum();

    /// <summary>The product of all lanes, in the same order.</summary>
    double Product();
}
