using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Noise;

/// <summary>Where planned computations begin: the ring, and the parties whose keys are used. Immutable.</summary>
public sealed class NoisePlanner
{
    private readonly NoiseModel _model;

    internal NoisePlanner(NoiseModel model) => _model = model;

    /// <summary>A fresh encryption under a public key.</summary>
    /// <param name="scale">Factor between a message and what the ciphertext holds.</param>
    /// <param name="level">Data primes, less one.</param>
    /// <param name="messageBound">Largest magnitude of a number.</param>
    /// <param name="typicalMessage">Root mean square of the numbers, for the typical figures; the bound where it is not given.</param>
    /// <param name="encoding">Where the numbers stand.</param>
    /// <returns>A plan of one step.</returns>
    /// <exception cref="ArgumentException">A figure is out of range.</exception>
    public NoisePlan EncryptPublic(double scale, int level, double messageBound, double? typicalMessage = null, MessageEncoding encoding = MessageEncoding.Slots) =>
        Start("encryption under the public key", _model.PublicEncryption(), scale, level, messageBound, typicalMessage, encoding);

    /// <summary>A fresh encryption under the own secret key.</summary>
    /// <param name="scale">Factor between a message and what the ciphertext holds.</param>
    /// <param name="level">Data primes, less one.</param>
    /// <param name="messageBound">Largest magnitude of a number.</param>
    /// <param name="typicalMessage">Root mean square of the numbers; the bound where it is not given.</param>
    /// <param name="encoding">Where the numbers stand.</param>
    /// <returns>A plan of one step.</returns>
    /// <exception cref="ArgumentException">A figure is out of range, or the secret is a sum that nobody has.</exception>
    public NoisePlan EncryptSymmetric(double scale, int level, double messageBound, double? typicalMessage = null, MessageEncoding encoding = MessageEncoding.Slots)
    {
        if (_model.Secrets > 1)
            throw new InvalidOperationException($"Nobody holds the sum of {_model.Secrets} secrets: plan with EncryptPublic.");
        return Start("encryption under the secret key", NoiseModel.SymmetricEncryption, scale, level, messageBound, typicalMessage, encoding);
    }

    /// <summary>A ciphertext whose noise is known from elsewhere, for instance a sum of products from <see cref="NoiseBound"/>.</summary>
    /// <param name="noise">Of every coefficient; coefficients are taken as independent.</param>
    /// <param name="scale">Factor between a message and what the ciphertext holds.</param>
    /// <param name="level">Data primes, less one.</param>
    /// <param name="messageBound">Largest magnitude of a number.</param>
    /// <param name="encoding">Where the numbers stand.</param>
    /// <returns>A plan of one step.</returns>
    /// <exception cref="ArgumentException">A figure is out of range.</exception>
    public NoisePlan Given(NoiseEstimate noise, double scale, int level, double messageBound, MessageEncoding encoding)
    {
        CheckFigure(noise.StandardDeviation, nameof(noise));
        CheckFigure(noise.WorstCase, nameof(noise));
        var parameter = noise.WorstCase / _model.Deviations;
        return Start("a given ciphertext", NoiseState.White(parameter) with { Deviation = noise.StandardDeviation }, scale, level, messageBound, null, encoding);
    }

    internal static void CheckFigure(double value, string name)
    {
        if (!double.IsFinite(value) || value < 0)
            throw new ArgumentOutOfRangeException(name, value, "A bound is a finite number that is not negative.");
    }

    private NoisePlan Start(string name, NoiseState noise, double scale, int level, double messageBound, double? typicalMessage, MessageEncoding encoding)
    {
        CkksContext.CheckScale(scale);
        CheckFigure(messageBound, nameof(messageBound));
        if (level < 0 || level > _model.MaximumLevel)
            throw new ArgumentOutOfRangeException(nameof(level), level, $"The {_model.DataPrimes.Length} data primes give levels 0 to {_model.MaximumLevel}.");
        var typical = typicalMessage ?? messageBound;
        CheckFigure(typical, nameof(typicalMessage));
        return NoisePlan.Start(_model, name, new NoisePlan.Content(level, scale, 2, messageBound, Math.Min(typical, messageBound), noise, encoding, IsSample: false));
    }
}
