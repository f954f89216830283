using System.Globalization;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Noise;

/// <summary>The walk of <see cref="ChebyshevEvaluator"/>, product by product.</summary>
public sealed partial class NoisePlan
{
    /// <summary>Root mean square of T_k(cos θ), k at least 1, over θ; over its argument it is nearly the same.</summary>
    private static readonly double TypicalChebyshev = Math.Sqrt(0.5);

    /// <summary>Evaluates a Chebyshev series in every slot.</summary>
    /// <remarks>
    /// The typical figure takes the T_k that are multiplied as independent and is an upper one: worst at the ends of the interval, where T_k has the slope k², an
    /// error in the middle grows by about k only.
    /// </remarks>
    /// <param name="series">The polynomial; every slot is within its interval.</param>
    /// <param name="targetScale">Scale of the result.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">There are three polynomials, or the numbers stand in coefficients.</exception>
    /// <exception cref="NoiseBudgetException">There are too few levels.</exception>
    public NoisePlan EvaluateChebyshev(ChebyshevSeries series, double targetScale)
    {
        ArgumentNullException.ThrowIfNull(series);
        CkksContext.CheckScale(targetScale);
        RequireSlots("evaluated slot by slot");
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var name = string.Create(CultureInfo.InvariantCulture, $"Chebyshev series of degree {series.Degree}");
        if (Level < series.Depth)
            throw new NoiseBudgetException($"Step {_steps.Length + 1} ({name}): it takes {series.Depth} levels and the ciphertext is at level {Level}. Take parameters with {series.Depth - Level} more data primes, or a series of a smaller degree.", _steps.Length + 1, double.PositiveInfinity);
        var whole = new Walk(this, _content.Noise, series).Run(targetScale);
        var fresh = new Walk(this, default, series).Run(targetScale);
        var excess = whole._steps.Max(step => step.ExcessBits);
        var content = whole._content with { Scale = targetScale };
        var step = new Step(name, content, Source.KeySwitch, fresh.Error.WorstCase, excess);
        return new NoisePlan(_model, content, [.. _steps, step]);
    }

    private sealed class Walk
    {
        private readonly NoisePlan _source;
        private readonly ChebyshevSeries _series;
        private readonly int _babySteps;
        private readonly Dictionary<int, NoisePlan> _powers = [];

        public Walk(NoisePlan source, NoiseState noise, ChebyshevSeries series)
        {
            (_source, _series, _babySteps) = (source, series, ChebyshevEvaluator.BestBabySteps(series));
            var content = source._content with { Scale = source.Scale * (series.Maximum - series.Minimum) / 2, Noise = noise };
            _powers.Add(1, Bounded(new NoisePlan(source._model, content, []).AddConstant(0)));
        }

        public NoisePlan Run(double targetScale)
        {
            var level = _source.Level - _series.Depth + 1;
            return Finish(Evaluate([.. _series.Coefficients], level, targetScale * _source._model.DataPrimes[level]));
        }

        private static NoisePlan Finish(NoisePlan plan) => (plan._content.Polynomials == CkksCiphertext.MaximumSize ? plan.Relinearise() : plan).Rescale();

        private static NoisePlan Bounded(NoisePlan plan) => plan.WithMessage(1, TypicalChebyshev);

        /// <summary>With the products among the steps of a sum: its parts may overflow before it.</summary>
        private static NoisePlan With(NoisePlan plan, Content content, params ReadOnlySpan<NoisePlan> parts)
        {
            foreach (var part in parts)
                plan = plan.Joined(part);
            return plan.Then("part of a Chebyshev series", content, Source.Nothing, default);
        }

        private NoisePlan Get(int index)
        {
            if (_powers.TryGetValue(index, out var known))
                return known;
            var (left, right) = (Get((index + 1) / 2), Get(index / 2));
            var level = Math.Min(left.Level, right.Level);
            if (left.Level != level)
                left = left.ModulusSwitchTo(level);
            else if (right.Level != level)
                right = right.ModulusSwitchTo(level);
            var product = left.Multiply(right).Relinearise();
            product = product.Add(product);
            if (index % 2 == 0)
            {
                product = product.AddConstant(-1);
            }
            else
            {
                var first = Get(1);
                var noise = product._content.Noise.Plus(first._content.Noise.Times(product.Scale / first.Scale));
                product = With(product, product._content with { Noise = noise with { Bounded = noise.Bounded + (first.Scale / 2) } }, first);
            }

            // |T_k| ≤ 1, whatever the parts could add up to.
            var power = Bounded(product).Rescale();
            _powers.Add(index, power);
            return power;
        }

        private NoisePlan Evaluate(double[] coefficients, int level, double scale)
        {
            var degree = coefficients.Length - 1;
            var bound = coefficients.Sum(Math.Abs);
            var typical = Math.Sqrt((coefficients[0] * coefficients[0]) + (coefficients.Skip(1).Sum(value => value * value) / 2));
            if (ChebyshevEvaluator.IsLeaf(degree, _source.Level - level, _babySteps))
            {
                var noise = new NoiseState(0, 0, 0, 0, 0.5);
                var parts = new NoisePlan[degree];
                for (var k = 1; k <= degree; k++)
                {
                    var power = parts[k - 1] = Get(k);
                    var integer = Math.Round(coefficients[k] * (scale / power.Scale));
                    noise = noise.Plus(power._content.Noise.Times(integer));

                    // The integer's rounding, times T_k.
                    noise = noise with { Deviation = Root(noise.Deviation, TypicalChebyshev * power.Scale / Math.Sqrt(12.0 * _source._model.Degree)), Bounded = noise.Bounded + (power.Scale / 2) };
                }

                return With(parts[0], new Content(level, scale, 2, bound, typical, noise, MessageEncoding.Slots, IsSample: false), parts);
            }

            var (quotient, remainder) = ChebyshevEvaluator.Split(coefficients, ChebyshevEvaluator.Giant(degree));
            var giant = Get(ChebyshevEvaluator.Giant(degree));
            var highScale = scale / giant.Scale;
            var high = Finish(Evaluate(quotient, level + 1, highScale * _source._model.DataPrimes[level + 1]));
            var product = high.Multiply(giant.ModulusSwitchTo(level));
            var low = Evaluate(remainder, level, scale);
            var content = product._content with
            {
                Scale = scale,
                MessageBound = bound,
                TypicalMessage = typical,
                Noise = product._content.Noise.Plus(low._content.Noise),
            };
            return With(product, content, low);
        }
    }
}
