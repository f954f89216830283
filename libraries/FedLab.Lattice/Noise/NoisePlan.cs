using System.Globalization;
using System.Text;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Noise;

/// <summary>A computation on ciphertexts written down before it runs: what noise it leaves, and whether the parameters hold it. Immutable; every step gives a new plan.</summary>
/// <remarks>
/// <code>
/// NoisePlan.For(context, parties: 3).EncryptPublic(scale, level, messageBound: 1)
///     .Square().Relinearise().Rescale().SumSlots().SwitchToPublicKey().Check(tolerance: 0.001)
/// </code>
/// <para>Typical figures are root mean squares over keys, messages of the given root mean square, and coefficients. Worst cases take messages at their bound and
/// ciphertexts as dependent on each other; together they fail for any coefficient or slot with a chance below 2^-40 (see <see cref="NoiseModel"/>). Not in
/// them: what an attacker chooses, and the double precision of encoder and decoder, 2^-48 of the message.</para>
/// <para>Noise of a key switch is uneven: the digits' mean puts 60 % of its energy in the one pair of slots next to ζ = 1, where it reaches the worst case's size, while
/// the other slots stay below the typical figure. Over a few keys the measured figure scatters accordingly.</para>
/// <para>Where a ciphertext is used in two plans that are added or multiplied, give the same plan object: its noise then counts as one.</para>
/// </remarks>
public sealed partial class NoisePlan
{
    private readonly NoiseModel _model;
    private readonly Content _content;
    private readonly Step[] _steps;

    private NoisePlan(NoiseModel model, Content content, Step[] steps) => (_model, _content, _steps) = (model, content, steps);

    private enum Source
    {
        Nothing,
        Encryption,
        Rounding,
        KeySwitch,
        Flood,
    }

    /// <summary>Data primes in use, less one.</summary>
    public int Level => _content.Level;

    /// <summary>Factor between a message and what the ciphertext holds.</summary>
    public double Scale => _content.Scale;

    /// <summary>Largest magnitude of a number.</summary>
    public double MessageBound => _content.MessageBound;

    /// <summary>Where the numbers stand.</summary>
    public MessageEncoding Encoding => _content.Encoding;

    /// <summary>Noise of a coefficient, in units of the ciphertext's integers.</summary>
    public NoiseEstimate Noise => new(_content.Noise.Deviation, _model.WorstCoefficient(_content.Noise));

    /// <summary>Error of a decrypted number: of a complex slot (a real part has 1/√2 of the deviation), or of a coefficient.</summary>
    public NoiseEstimate Error => ErrorOf(_content);

    /// <summary>Bits that are left between message with noise and half of the modulus of the level; negative where decryption would fail.</summary>
    public double RoomBits => RoomOf(_content);

    /// <summary>Begins plans for a ring whose last prime is the special one.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="parties">That act: whose errors are in keys and shares; 1 for keys that one party made.</param>
    /// <param name="secrets">Whose sum is the secret; as many as the parties where it is not given, more in a t-out-of-n run.</param>
    /// <returns>Where to begin.</returns>
    public static NoisePlanner For(CkksContext context, int parties = 1, int? secrets = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return For(context.Lattice.Parameters, parties, secrets);
    }

    /// <summary>As the other, from parameters alone: no tables are built.</summary>
    /// <param name="parameters">The ring.</param>
    /// <param name="parties">That act.</param>
    /// <param name="secrets">Whose sum is the secret.</param>
    /// <returns>Where to begin.</returns>
    public static NoisePlanner For(LatticeParameters parameters, int parties = 1, int? secrets = null) => new(new NoiseModel(parameters, parties, secrets ?? parties));

    /// <summary>Refuses the plan where message and noise of any step could exceed half of the modulus, or the result's error the tolerance.</summary>
    /// <param name="tolerance">
    /// Largest error of a number that the computation can take: ½ for integers that are rounded; the message's bound, not one bit of which would be left
    /// beyond, where it is not given.
    /// </param>
    /// <returns>The same plan.</returns>
    /// <exception cref="NoiseBudgetException">It does not fit; the message says where, by how many bits, and what to change.</exception>
    public NoisePlan Check(double? tolerance = null)
    {
        var limit = tolerance ?? MessageBound;
        NoisePlanner.CheckFigure(limit, nameof(tolerance));
        for (var i = 0; i < _steps.Length; i++)
        {
            if (_steps[i].ExcessBits >= 0)
                throw Overflow(i);
        }

        if (Error.WorstCase > limit)
            throw TooNoisy(limit);
        return this;
    }

    /// <summary>The plan in words, a line a step: level, scale, message, error, and the bits that are left.</summary>
    /// <returns>Lines without a final line break.</returns>
    public string Describe()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _steps.Length; i++)
        {
            var content = _steps[i].Content;
            var error = ErrorOf(content);
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. {_steps[i].Name}: level {content.Level} of {_model.LevelBits(content.Level):F1} bits, scale {Bits(content.Scale)}, ");
            text.Append(CultureInfo.InvariantCulture, $"messages up to {content.MessageBound:G4}, error {error.StandardDeviation:G3} typical and {error.WorstCase:G3} at worst, {RoomOf(content):F1} bits of room");
            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    internal static NoisePlan Start(NoiseModel model, string name, Content content) => new NoisePlan(model, content, []).Then(name, content, Source.Encryption, content.Noise);

    private static string Bits(double value) => value == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"2^{Math.Log2(value):F1}");

    private NoisePlan Then(string name, Content content, Source source, NoiseState fresh) =>
        new(_model, content, [.. _steps, new Step(name, content, source, ErrorOf(content with { Noise = fresh }).WorstCase, -RoomOf(content))]);

    /// <summary>The steps of both plans, those in common once.</summary>
    private NoisePlan Joined(NoisePlan other)
    {
        if (ReferenceEquals(this, other))
            return this;
        var known = new HashSet<Step>(_steps, ReferenceEqualityComparer.Instance);
        return new NoisePlan(_model, _content, [.. _steps, .. other._steps.Where(step => !known.Contains(step))]);
    }

    private double RoomOf(Content content) =>
        _model.LevelBits(content.Level) - 1 - Math.Log2((content.Scale * content.MessageBound) + _model.WorstCoefficient(content.Noise));

    private NoiseEstimate ErrorOf(Content content) => content.Encoding == MessageEncoding.Slots
        ? new NoiseEstimate(content.Noise.Deviation * Math.Sqrt(_model.Degree) / content.Scale, _model.WorstSlot(content.Noise) / content.Scale)
        : new NoiseEstimate(content.Noise.Deviation / content.Scale, _model.WorstCoefficient(content.Noise) / content.Scale);

    private NoiseBudgetException Overflow(int index)
    {
        var step = _steps[index];
        var content = step.Content;
        var room = string.Create(CultureInfo.InvariantCulture, $"{_model.LevelBits(content.Level) - 1:F1}");
        var noise = _model.WorstCoefficient(content.Noise);
        var remedy = step.Source == Source.Flood
            ? "Run the protocol at a higher level (rescale or switch the modulus less before it), or take one more data prime"
            : "Rescale before it, take a smaller scale, or larger or more data primes at the end of the chain";
        return new NoiseBudgetException(
            string.Create(CultureInfo.InvariantCulture, $"Step {index + 1} ({step.Name}, level {content.Level}): message {Bits(content.Scale * content.MessageBound)} and noise {Bits(noise)} exceed half of the modulus, 2^{room}, by {step.ExcessBits:F1} bits, so that decryption could fail. {remedy} (and a larger degree where the modulus then exceeds the security table)."),
            index + 1,
            step.ExcessBits);
    }

    private NoiseBudgetException TooNoisy(double limit)
    {
        var excess = Math.Log2(Error.WorstCase / limit);
        var worst = 0;
        for (var i = 1; i < _steps.Length; i++)
        {
            if (_steps[i].FreshError > _steps[worst].FreshError)
                worst = i;
        }

        var step = _steps[worst];
        var remedy = step.Source switch
        {
            Source.KeySwitch when LargestPrime(step.Content.Level) > 1.1 * _model.SpecialPrime => string.Create(CultureInfo.InvariantCulture, $"The special prime has {Math.Log2(_model.SpecialPrime!.Value):F1} bits and a data prime {Math.Log2(LargestPrime(step.Content.Level)):F1}: key switching divides its noise by the former and multiplies it by the latter. Take a special prime at least as large as every data prime"),
            Source.KeySwitch => "Take a larger special prime (at least as large as every data prime; with more bits its noise falls to that of the rounding)",
            Source.Flood => "The floods take their bits from below the message: carry a larger scale into the protocol (with more data primes at its level), or fewer coefficients",
            _ => "Take larger primes",
        };
        return new NoiseBudgetException(
            string.Create(CultureInfo.InvariantCulture, $"The result of {_steps.Length} steps has an error of up to {Error.WorstCase:G3} ({Bits(Error.WorstCase)}) where {limit:G3} is allowed, {excess:F1} bits too much. Most of it comes from step {worst + 1} ({step.Name}, level {step.Content.Level}), which adds {step.FreshError:G3}. {remedy}, or a scale larger by {Math.Ceiling(excess):F0} bits, from {Bits(step.Content.Scale)} on."),
            worst + 1,
            excess);
    }

    private double LargestPrime(int level) => _model.DataPrimes.Take(level + 1).Max();

    /// <summary>What a ciphertext, or a sample of one coefficient, is about.</summary>
    internal readonly record struct Content(
        int Level,
        double Scale,
        int Polynomials,
        double MessageBound,
        double TypicalMessage,
        NoiseState Noise,
        MessageEncoding Encoding,
        bool IsSample);

    /// <summary>One line of a plan.</summary>
    private sealed record Step(string Name, Content Content, Source Source, double FreshError, double ExcessBits);
}
