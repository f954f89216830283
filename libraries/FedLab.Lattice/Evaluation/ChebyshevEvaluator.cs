using System.Numerics;

namespace FedLab.Lattice.Evaluation;

/// <summary>Evaluates Chebyshev series on ciphertexts at the least depth, in about √(2·degree) + log2(degree) products. Thread-safe.</summary>
/// <remarks>
/// <para>The interval is mapped to [-1, 1] without a multiplication: x at scale Δ is y at scale Δ·(b - a)/2, less a constant. T_1 … T_(m-1) and
/// T_m, T_2m, … are computed by T_(i+j) = 2·T_i·T_j - T_(i-j), each at depth ⌈log2 index⌉.</para>
/// <para>A series of degree n is split at T_g, g the largest power of two up to n: f = q·T_g + r (Paterson and Stockmeyer, SIAM J. Comput. 1973; in
/// this basis Lee et al., eprint 2020/552). Each part is asked for at a level and a scale, from the result backwards: f at scale S and
/// level l before its rescaling needs r at the same, and q at level l and scale S/scale(T_g), which is what rescaling q at level
/// l + 1 and scale S/scale(T_g)·q_(l+1) gives. At the leaves Σ c_k·T_k the integers round(c_k·S/scale(T_k)) absorb every difference of scale, so the result
/// has the requested scale exactly, not nearly. A leaf whose T_k would come too late is split further.</para>
/// </remarks>
public sealed class ChebyshevEvaluator
{
    /// <summary>How far, in bits, the scale of a T_k may be from its prime: each squaring doubles the distance, and bits of room are lost.</summary>
    private const double MaximumDrift = 8;

    private readonly CkksEvaluator _evaluator;
    private readonly RelinearisationKey _key;

    /// <summary>Takes the key for products.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">The relinearisation key.</param>
    /// <exception cref="ArgumentException">The key is of another context.</exception>
    public ChebyshevEvaluator(CkksContext context, RelinearisationKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _evaluator = new CkksEvaluator(context);
        Misuse.CheckContext(context, key.Context, nameof(key));
        _key = key;
    }

    /// <summary>The scale at which an argument should be encoded: that of y is then the prime that the first rescaling divides by, and stays about there.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="level">Level of the argument.</param>
    /// <param name="series">The series to be evaluated.</param>
    /// <returns>q_level·2/(b - a).</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static double SourceScale(CkksContext context, int level, ChebyshevSeries series)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(series);
        context.CheckLevel(level);
        return context.Tables[level].Modulus * 2 / (series.Maximum - series.Minimum);
    }

    /// <summary>Evaluates a series in every slot.</summary>
    /// <param name="source">x, each slot within the series' interval; two polynomials, at a level of at least <see cref="ChebyshevSeries.Depth"/> and about <see cref="SourceScale"/>.</param>
    /// <param name="series">The polynomial.</param>
    /// <param name="targetScale">Scale of the result.</param>
    /// <param name="target">Takes the result, <see cref="ChebyshevSeries.Depth"/> levels below the source.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or the source has too few levels.</exception>
    public void Evaluate(CkksCiphertext source, ChebyshevSeries series, double targetScale, CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(series);
        _evaluator.Check(source, nameof(source));
        _evaluator.Check(target, nameof(target));
        CkksContext.CheckScale(targetScale);
        Misuse.CheckSize(2, source.Size, "relinearise it first");
        if (source.Level < series.Depth)
            throw new ArgumentException($"A series of degree {series.Degree} takes {series.Depth} levels, the ciphertext is at level {source.Level}: evaluate earlier, or take parameters with more primes.", nameof(source));
        var wanted = SourceScale(_evaluator.Context, source.Level, series);
        if (Math.ScaleB(Math.Abs(Math.Log2(source.Scale / wanted)), series.Depth - 1) > MaximumDrift)
            throw new ArgumentException($"The scale 2^{Math.Log2(source.Scale):F2} of the argument is too far from 2^{Math.Log2(wanted):F2}: squaring it {series.Depth - 1} times would leave the range of the primes. Encode the argument at ChebyshevEvaluator.SourceScale.", nameof(source));
        using var powers = new Powers(_evaluator, _key, source, series, BestBabySteps(series));
        var level = source.Level - series.Depth + 1;
        using var result = new CkksCiphertext(_evaluator.Context, CkksCiphertext.MaximumSize);
        Evaluate(powers, [.. series.Coefficients], level, targetScale * _evaluator.Context.Tables[level].Modulus, result);
        Finish(result, target, targetScale);
    }

    /// <summary>The number of baby steps, a power of two, that takes the fewest products.</summary>
    internal static int BestBabySteps(ChebyshevSeries series)
    {
        var best = 2;
        var least = int.MaxValue;
        for (var babySteps = 2; babySteps <= 2 * series.Degree; babySteps *= 2)
        {
            var needed = new HashSet<int>();
            var products = Plan(series.Degree, series.Depth - 1, babySteps, needed);
            products += needed.Count;
            if (products < least)
                (least, best) = (products, babySteps);
        }

        return best;
    }

    /// <summary>Products of the splits of a part of a degree whose T_k may have a depth, and the T_k, k at least 2, that it needs.</summary>
    private static int Plan(int degree, int depth, int babySteps, HashSet<int> needed)
    {
        if (IsLeaf(degree, depth, babySteps))
        {
            for (var k = 2; k <= degree; k++)
                Need(k, needed);
            return 0;
        }

        var giant = Giant(degree);
        Need(giant, needed);
        return 1 + Plan(degree - giant, depth - 1, babySteps, needed) + Plan(giant - 1, depth, babySteps, needed);
    }

    private static void Need(int index, HashSet<int> needed)
    {
        if (index < 2 || !needed.Add(index))
            return;
        Need((index + 1) / 2, needed);
        Need(index / 2, needed);
    }

    private static int DepthOf(int index) => index <= 1 ? 0 : BitOperations.Log2((uint)index - 1) + 1;

    internal static int Giant(int degree) => 1 << BitOperations.Log2((uint)degree);

    internal static bool IsLeaf(int degree, int depth, int babySteps) => degree <= 1 || (degree < babySteps && DepthOf(degree) <= depth);

    /// <summary>Σ c_k·T_k at a level and a scale, before relinearisation and rescaling.</summary>
    private void Evaluate(Powers powers, double[] coefficients, int level, double scale, CkksCiphertext target)
    {
        var degree = coefficients.Length - 1;
        var context = _evaluator.Context;
        if (IsLeaf(degree, powers.SourceLevel - level, powers.BabySteps))
        {
            target.Shape(2, level, scale);
            target.Polynomial(0).Clear();
            target.Polynomial(1).Clear();
            for (var k = 1; k <= degree; k++)
            {
                var power = powers.Get(k);
                var constant = Math.Round(coefficients[k] * (scale / power.Scale));
                if (constant != 0)
                    _evaluator.AddMultiple(power, constant, target);
            }

            _evaluator.AddConstant(target, coefficients[0], target);
            return;
        }

        var (quotient, remainder) = Split(coefficients, Giant(degree));
        var giant = powers.Get(Giant(degree));
        using var high = new CkksCiphertext(context, CkksCiphertext.MaximumSize);
        using var low = new CkksCiphertext(context, CkksCiphertext.MaximumSize);
        var highScale = scale / giant.Scale;
        Evaluate(powers, quotient, level + 1, highScale * context.Tables[level + 1].Modulus, high);
        Finish(high, high, highScale);
        _evaluator.ModulusSwitchTo(giant, level, low);
        _evaluator.Multiply(high, low, target);
        target.Shape(target.Size, level, scale);
        Evaluate(powers, remainder, level, scale, low);
        _evaluator.Add(target, low, target);
    }

    /// <summary>f = q·T_g + r: T_(g+j) = 2·T_g·T_j - T_(g-j).</summary>
    internal static (double[] Quotient, double[] Remainder) Split(double[] coefficients, int giant)
    {
        var quotient = new double[coefficients.Length - giant];
        var remainder = coefficients[..giant];
        quotient[0] = coefficients[giant];
        for (var j = 1; j < quotient.Length; j++)
        {
            quotient[j] = 2 * coefficients[giant + j];
            remainder[giant - j] -= coefficients[giant + j];
        }

        return (quotient, remainder);
    }

    /// <summary>Relinearises where needed and rescales; what rounding did to the scale is taken back to the exact one.</summary>
    private void Finish(CkksCiphertext source, CkksCiphertext target, double scale)
    {
        if (source.Size == CkksCiphertext.MaximumSize)
            _evaluator.Relinearise(source, _key, source);
        _evaluator.Rescale(source, target);
        target.Shape(target.Size, target.Level, scale);
    }

    /// <summary>The T_k that were asked for, each made when first needed.</summary>
    private sealed class Powers : IDisposable
    {
        private readonly CkksEvaluator _evaluator;
        private readonly RelinearisationKey _key;
        private readonly Dictionary<int, CkksCiphertext> _powers = [];

        public Powers(CkksEvaluator evaluator, RelinearisationKey key, CkksCiphertext source, ChebyshevSeries series, int babySteps)
        {
            (_evaluator, _key, BabySteps, SourceLevel) = (evaluator, key, babySteps, source.Level);
            var first = new CkksCiphertext(evaluator.Context);
            _powers.Add(1, first);
            evaluator.Copy(source, first);
            var halfWidth = (series.Maximum - series.Minimum) / 2;
            first.Shape(2, source.Level, source.Scale * halfWidth);
            var centre = (series.Maximum + series.Minimum) / 2;
            if (centre != 0)
                evaluator.AddConstant(first, -centre / halfWidth, first);
        }

        public int BabySteps { get; }

        public int SourceLevel { get; }

        public CkksCiphertext Get(int index)
        {
            if (_powers.TryGetValue(index, out var known))
                return known;
            var left = Get((index + 1) / 2);
            var right = Get(index / 2);
            var context = _evaluator.Context;
            var power = new CkksCiphertext(context, CkksCiphertext.MaximumSize);
            _powers.Add(index, power);
            var level = Math.Min(left.Level, right.Level);
            if (left.Level == right.Level)
            {
                _evaluator.Multiply(left, right, power);
            }
            else
            {
                using var lowered = new CkksCiphertext(context);
                var (higher, lower) = left.Level > right.Level ? (left, right) : (right, left);
                _evaluator.ModulusSwitchTo(higher, level, lowered);
                _evaluator.Multiply(lower, lowered, power);
            }

            _evaluator.Relinearise(power, _key, power);
            _evaluator.Add(power, power, power);
            if (index % 2 == 0)
            {
                _evaluator.AddConstant(power, -1, power);
            }
            else
            {
                var first = Get(1);
                _evaluator.AddMultiple(first, -Math.Round(power.Scale / first.Scale), power);
            }

            _evaluator.Rescale(power, power);
            return power;
        }

        public void Dispose()
        {
            foreach (var power in _powers.Values)
                power.Dispose();
        }
    }
}
