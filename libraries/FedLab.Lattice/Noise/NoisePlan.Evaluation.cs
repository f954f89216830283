using System.Globalization;
using System.Numerics;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Noise;

/// <summary>The steps of <see cref="CkksEvaluator"/>, <see cref="ChebyshevEvaluator"/>, <see cref="LweExtraction"/> and <see cref="RingPacking"/>.</summary>
public sealed partial class NoisePlan
{
    /// <summary>Adds or subtracts another ciphertext.</summary>
    /// <param name="other">At the same level and scale.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">Levels, scales, encodings or rings differ.</exception>
    public NoisePlan Add(NoisePlan other)
    {
        CheckOther(other);
        Misuse.CheckScales(Scale, other.Scale);
        var same = ReferenceEquals(this, other);
        var content = _content with
        {
            Polynomials = Math.Max(_content.Polynomials, other._content.Polynomials),
            MessageBound = MessageBound + other.MessageBound,
            TypicalMessage = same ? 2 * _content.TypicalMessage : Root(_content.TypicalMessage, other._content.TypicalMessage),
            Noise = same ? _content.Noise.Times(2) : _content.Noise.Plus(other._content.Noise),
        };
        return Joined(other).Then("addition", content, Source.Nothing, default);
    }

    /// <summary>Adds up independent ciphertexts, each like this one: for instance of several parties.</summary>
    /// <param name="count">How many, this one included.</param>
    /// <returns>The longer plan.</returns>
    public NoisePlan Sum(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var root = Math.Sqrt(count);
        var content = _content with
        {
            MessageBound = MessageBound * count,
            TypicalMessage = _content.TypicalMessage * root,
            Noise = _content.Noise.Times(root) with { Bounded = _content.Noise.Bounded * count },
        };
        return Then(string.Create(CultureInfo.InvariantCulture, $"sum of {count} independent ciphertexts"), content, Source.Nothing, default);
    }

    /// <summary>Adds or subtracts a plaintext.</summary>
    /// <param name="bound">Largest magnitude of a number.</param>
    /// <param name="typical">Root mean square of the numbers; the bound where it is not given.</param>
    /// <returns>The longer plan.</returns>
    public NoisePlan AddPlain(double bound, double? typical = null)
    {
        NoisePlanner.CheckFigure(bound, nameof(bound));
        var content = _content with
        {
            MessageBound = MessageBound + bound,
            TypicalMessage = Root(_content.TypicalMessage, typical ?? bound),
            Noise = _content.Noise.PlusFresh(NoiseModel.Encoding),
        };
        return Then("addition of a plaintext", content, Source.Rounding, NoiseModel.Encoding);
    }

    /// <summary>Adds the same real number to every slot.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The longer plan.</returns>
    public NoisePlan AddConstant(double value)
    {
        NoisePlanner.CheckFigure(Math.Abs(value), nameof(value));
        var content = _content with
        {
            MessageBound = MessageBound + Math.Abs(value),
            TypicalMessage = Root(_content.TypicalMessage, value),
            Noise = _content.Noise with { Bounded = _content.Noise.Bounded + 0.5 },
        };
        return Then("addition of a constant", content, Source.Nothing, default);
    }

    /// <summary>Multiplies by a plaintext, slot by slot.</summary>
    /// <param name="scale">Scale of the plaintext.</param>
    /// <param name="bound">Largest magnitude of a slot.</param>
    /// <param name="typical">Root mean square of the slots; the bound where it is not given.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="InvalidOperationException">The numbers stand in coefficients.</exception>
    public NoisePlan MultiplyPlain(double scale, double bound, double? typical = null)
    {
        CkksContext.CheckScale(scale);
        NoisePlanner.CheckFigure(bound, nameof(bound));
        RequireSlots("multiplied slot by slot");
        var typicalFactor = Root(scale * Math.Min(typical ?? bound, bound), Math.Sqrt(_model.Degree / 12.0));
        var rounding = NoiseModel.Encoding.TimesPolynomial(Scale * _content.TypicalMessage, Scale * MessageBound);
        var content = _content with
        {
            Scale = Scale * scale,
            MessageBound = MessageBound * bound,
            TypicalMessage = _content.TypicalMessage * Math.Min(typical ?? bound, bound),
            Noise = _content.Noise.TimesPolynomial(typicalFactor, (scale * bound) + _model.EncodingAtRoots).PlusFresh(rounding),
        };
        return Then("multiplication by a plaintext", content, Source.Rounding, rounding);
    }

    /// <summary>Multiplies every number by the same real one.</summary>
    /// <param name="value">The number; it is rounded to a multiple of 1/scale.</param>
    /// <param name="scale">Scale of the number.</param>
    /// <returns>The longer plan.</returns>
    public NoisePlan MultiplyConstant(double value, double scale)
    {
        CkksContext.CheckScale(scale);
        NoisePlanner.CheckFigure(Math.Abs(value), nameof(value));
        var integer = Math.Round(value * scale);
        var noise = _content.Noise.Times(integer);
        var content = _content with
        {
            Scale = Scale * scale,
            MessageBound = MessageBound * Math.Abs(value),
            TypicalMessage = _content.TypicalMessage * Math.Abs(value),
            Noise = noise with { Bounded = noise.Bounded + (Math.Abs((value * scale) - integer) * Scale * MessageBound) },
        };
        return Then("multiplication by a constant", content, Source.Nothing, default);
    }

    /// <summary>Multiplies two ciphertexts: three polynomials until <see cref="Relinearise"/>.</summary>
    /// <param name="other">At the same level, of two polynomials like this one.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">Levels, sizes, encodings or rings differ.</exception>
    public NoisePlan Multiply(NoisePlan other)
    {
        CheckOther(other);
        RequireSlots("multiplied slot by slot");
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        Misuse.CheckSize(2, other._content.Polynomials, "relinearise it first");
        var (left, right) = (_content, other._content);
        var same = ReferenceEquals(this, other);
        var ofLeft = left.Noise.TimesPolynomial(other.Scale * right.TypicalMessage, other.Scale * right.MessageBound);
        var ofRight = right.Noise.TimesPolynomial(Scale * left.TypicalMessage, Scale * left.MessageBound);
        var cross = _model.WorstSlot(left.Noise) * _model.WorstSlot(right.Noise);
        var noise = same ? ofLeft.Times(2) : ofLeft.Plus(ofRight);
        var content = left with
        {
            Scale = Scale * other.Scale,
            Polynomials = 3,
            MessageBound = left.MessageBound * right.MessageBound,
            TypicalMessage = left.TypicalMessage * right.TypicalMessage,
            Noise = noise with
            {
                Deviation = Root(noise.Deviation, Math.Sqrt(_model.Degree) * left.Noise.Deviation * right.Noise.Deviation),
                Bounded = noise.Bounded + cross,
            },
        };
        return Joined(other).Then(same ? "square" : "multiplication of ciphertexts", content, Source.Nothing, default);
    }

    /// <summary>Multiplies the ciphertext by itself.</summary>
    /// <returns>The longer plan.</returns>
    public NoisePlan Square() => Multiply(this);

    /// <summary>Takes a product back to two polynomials.</summary>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">It is not a product, or the ring has no special prime.</exception>
    public NoisePlan Relinearise()
    {
        Misuse.CheckSize(3, _content.Polynomials, "only a product of two ciphertexts is relinearised");
        var fresh = _model.KeySwitch(Level, relinearisation: true);
        return Then("relinearisation", _content with { Polynomials = 2, Noise = _content.Noise.PlusFresh(fresh) }, Source.KeySwitch, fresh);
    }

    /// <summary>Divides by the last prime of the level.</summary>
    /// <returns>The longer plan.</returns>
    /// <exception cref="NoiseBudgetException">There is no prime left.</exception>
    public NoisePlan Rescale()
    {
        if (Level == 0)
            throw new NoiseBudgetException($"Step {_steps.Length + 1} (rescaling): the ciphertext is at level 0, no prime is left to divide by. Take parameters with one more data prime, or one multiplication fewer.", _steps.Length + 1, double.PositiveInfinity);
        var prime = _model.DataPrimes[Level];
        var fresh = _model.Rounding(_content.Polynomials);
        var content = _content with { Level = Level - 1, Scale = Scale / prime, Noise = _content.Noise.Times(1 / prime).PlusFresh(fresh) };
        return Then("rescaling", content, Source.Rounding, fresh);
    }

    /// <summary>Drops primes without dividing.</summary>
    /// <param name="level">The new level.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">The level is above this one's, or negative.</exception>
    public NoisePlan ModulusSwitchTo(int level)
    {
        if (level < 0 || level > Level)
            throw new ArgumentOutOfRangeException(nameof(level), level, $"The ciphertext is at level {Level}: levels 0 to {Level} can be reached.");
        return Then("modulus switch", _content with { Level = level }, Source.Nothing, default);
    }

    /// <summary>Rotates or conjugates the slots: a key switch.</summary>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">There are three polynomials, or the ring has no special prime.</exception>
    public NoisePlan Rotate()
    {
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var fresh = _model.KeySwitch(Level, relinearisation: false);
        return Then("rotation", _content with { Noise = _content.Noise.PlusFresh(fresh) }, Source.KeySwitch, fresh);
    }

    /// <summary>Sums all slots into every slot.</summary>
    /// <returns>The longer plan.</returns>
    /// <exception cref="ArgumentException">There are three polynomials, or the ring has no special prime.</exception>
    public NoisePlan SumSlots()
    {
        RequireSlots("summed over slots");
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var one = _model.KeySwitch(Level, relinearisation: false);
        double slots = _model.Degree / 2;

        // A noise that 2^r rotations of it add up to: different slots are orthogonal forms, a coefficient may meet itself 2^r times. The switch of
        // step k is added up over the 2^r, r = log2(N/2) - 1 - k, rotations that follow.
        var fresh = new NoiseState(
            one.Deviation * Math.Sqrt(slots - 1),
            one.Coefficient * Math.Sqrt(((slots * slots) - 1) / 3),
            one.Operator * Math.Sqrt(slots - 1),
            one.Operator * Math.Sqrt(((slots * slots) - 1) / 3),
            0);
        var noise = _content.Noise;
        var summed = new NoiseState(noise.Deviation * Math.Sqrt(slots), noise.Coefficient * slots, noise.Operator * Math.Sqrt(slots), noise.Operator * slots, noise.Bounded * slots);
        var content = _content with
        {
            MessageBound = MessageBound * slots,
            TypicalMessage = _content.TypicalMessage * slots,
            Noise = summed.PlusFresh(fresh),
        };
        return Then("sum of the slots", content, Source.KeySwitch, fresh);
    }

    /// <summary>Extracts one coefficient as an LWE sample, without noise of its own.</summary>
    /// <returns>The longer plan.</returns>
    public NoisePlan ExtractCoefficient()
    {
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        return Then("extraction of a coefficient", _content with { Encoding = MessageEncoding.Coefficients, IsSample = true }, Source.Nothing, default);
    }

    /// <summary>Extracts the sum of the slots as an LWE sample, without noise of its own.</summary>
    /// <returns>The longer plan.</returns>
    public NoisePlan ExtractSum()
    {
        RequireSlots("summed over slots");
        Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        double slots = _model.Degree / 2;
        var content = _content with
        {
            Scale = Scale / slots,
            MessageBound = MessageBound * slots,
            TypicalMessage = _content.TypicalMessage * slots,
            Encoding = MessageEncoding.Coefficients,
            IsSample = true,
        };
        return Then("extraction of the sum of the slots", content, Source.Nothing, default);
    }

    /// <summary>Packs samples like this one, or ciphertexts of several answers each, into the coefficients of one ciphertext.</summary>
    /// <param name="answersPerCiphertext">k of <see cref="RingPacking"/>; 1 for samples.</param>
    /// <returns>The longer plan: of the coefficients that hold the answers.</returns>
    /// <exception cref="ArgumentException">The numbers stand in slots, k is not a power of two up to N, or the ring has no special prime.</exception>
    public NoisePlan Pack(int answersPerCiphertext = 1)
    {
        if (Encoding != MessageEncoding.Coefficients || (answersPerCiphertext != 1 && _content.IsSample))
            throw new InvalidOperationException("Samples are packed one number each, ciphertexts by their coefficients: extract the number first.");
        if (answersPerCiphertext < 1 || answersPerCiphertext > _model.Degree || !BitOperations.IsPow2(answersPerCiphertext))
            throw new ArgumentOutOfRangeException(nameof(answersPerCiphertext), answersPerCiphertext, $"The answers in a ciphertext are a power of two from 1 to {_model.Degree}.");
        double factor = _model.Degree / answersPerCiphertext;

        // The switch of step l is doubled by every later one: Σ 4^(log2 N - l).
        var fresh = _model.KeySwitch(Level, relinearisation: false).Times(Math.Sqrt(((factor * factor) - 1) / 3));
        return Then("packing", _content with { IsSample = false, Noise = _content.Noise.PlusFresh(fresh) }, Source.KeySwitch, fresh);
    }

    /// <summary>States a bound on the numbers that is known of the computation and tighter than what the steps add up to, or looser.</summary>
    /// <param name="bound">Largest magnitude of a number.</param>
    /// <param name="typical">Root mean square of the numbers; the bound where it is not given.</param>
    /// <returns>The same plan with this bound from here on.</returns>
    public NoisePlan WithMessage(double bound, double? typical = null)
    {
        NoisePlanner.CheckFigure(bound, nameof(bound));
        return new NoisePlan(_model, _content with { MessageBound = bound, TypicalMessage = Math.Min(typical ?? bound, bound) }, _steps);
    }

    private static double Root(double left, double right) => Math.Sqrt((left * left) + (right * right));

    private void CheckOther(NoisePlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(_model, other._model))
            throw new ArgumentException("The other plan is for another ring or other parties: begin both with one NoisePlanner.", nameof(other));
        if (Encoding != other.Encoding || _content.IsSample != other._content.IsSample)
            throw new ArgumentException("One plan holds its numbers in slots, the other in coefficients.", nameof(other));
        Misuse.CheckLevels(Level, other.Level);
    }

    private void RequireSlots(string what)
    {
        if (Encoding != MessageEncoding.Slots)
            throw new InvalidOperationException($"Numbers in coefficients are not {what}: bound sums of products with NoiseBound, and go on from NoisePlanner.Given.");
    }
}
