using System.Globalization;
using System.Numerics;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Noise;

/// <summary>What is asked of parameters for CKKS.</summary>
/// <param name="Slots">Numbers in a ciphertext, at most.</param>
/// <param name="Depth">Multiplications one after another.</param>
/// <param name="PrecisionBits">The result's worst error is to be below 2^-PrecisionBits.</param>
/// <param name="Parties">Whose keys are collective; 1 for keys of one party.</param>
/// <param name="FloodingBits">Of a collective decryption or key switch at the end, at least 40; 0 for none.</param>
/// <param name="MessageBound">Largest magnitude of a number, also between multiplications.</param>
public sealed record CkksRequirements(int Slots, int Depth, int PrecisionBits, int Parties = 1, int FloodingBits = 0, double MessageBound = 1);

/// <summary>Chooses a degree, primes and a scale for what is asked, by trying <see cref="NoisePlan"/>s: the smallest degree, then the smallest modulus.</summary>
/// <remarks>
/// The trial is: encrypt under the public key, as often as the depth says multiply two equal ciphertexts, relinearise, rescale; rotate; switch to a public key with
/// floods. The chain is: base primes that hold the result, then for each multiplication one prime of the scale's size, or two of half its bits each where it exceeds a
/// prime (rescale twice), and a special prime as large as any.
/// </remarks>
public static class ParameterPlanner
{
    /// <summary>Primes of a scale are at most that large, so that there are some on both sides of a power of two.</summary>
    private const int MaximumScalePrimeBits = 49;

    /// <summary>What the encoder takes.</summary>
    private const int MaximumScaleBits = 96;

    /// <summary>Chooses parameters.</summary>
    /// <param name="requirements">What is asked.</param>
    /// <returns>Parameters, scale and the trial's plan.</returns>
    /// <exception cref="ArgumentException">A figure is out of range.</exception>
    /// <exception cref="NoiseBudgetException">No ring of the security table is large enough.</exception>
    public static PlannedParameters Choose(CkksRequirements requirements)
    {
        Check(requirements);
        for (var degree = LatticeParameters.MinimumDegree; degree <= LatticeParameters.MaximumDegree; degree *= 2)
        {
            if (degree / 2 < requirements.Slots)
                continue;
            PlannedParameters? best = null;
            var smallestPrime = BitOperations.Log2((uint)degree) + 6;
            for (var scaleBits = Math.Max(smallestPrime, requirements.PrecisionBits); scaleBits <= MaximumScaleBits; scaleBits++)
            {
                if (Smallest(requirements, degree, scaleBits, smallestPrime) is { } found && (best is null || found.Parameters.ModulusBits < best.Parameters.ModulusBits))
                    best = found;
            }

            if (best is not null)
                return best;
        }

        throw new NoiseBudgetException($"No ring up to degree {LatticeParameters.MaximumDegree} holds {requirements.Depth} multiplications at {requirements.PrecisionBits} bits of precision with {requirements.FloodingBits} bits of flooding. Ask for fewer multiplications, less precision, or decrypt in between.", 1, double.PositiveInfinity);
    }

    /// <summary>Judges given parameters by the same trial.</summary>
    /// <param name="requirements">What is asked.</param>
    /// <param name="parameters">The ring, base primes first and the special prime last.</param>
    /// <param name="scale">Scale of the encryptions.</param>
    /// <param name="primesPerMultiplication">How many primes a multiplication is rescaled by.</param>
    /// <returns>The same with the trial's plan.</returns>
    /// <exception cref="ArgumentException">A figure is out of range, or there are fewer slots than asked for.</exception>
    /// <exception cref="NoiseBudgetException">They are not enough; the message says where and what to change.</exception>
    public static PlannedParameters Judge(CkksRequirements requirements, LatticeParameters parameters, double scale, int primesPerMultiplication = 1)
    {
        Check(requirements);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(primesPerMultiplication);
        if (parameters.Degree / 2 < requirements.Slots)
            throw new ArgumentException($"Degree {parameters.Degree} has {parameters.Degree / 2} slots, {requirements.Slots} are asked for: take degree {2 * BitOperations.RoundUpToPowerOf2((uint)requirements.Slots)}.", nameof(parameters));
        var level = Math.Max(1, parameters.Primes.Count - 1) - 1;
        var plan = NoisePlan.For(parameters, requirements.Parties).EncryptPublic(scale, level, requirements.MessageBound);
        for (var product = 0; product < requirements.Depth; product++)
        {
            plan = plan.Square().Relinearise();
            for (var prime = 0; prime < primesPerMultiplication; prime++)
                plan = plan.Rescale();
            plan = plan.WithMessage(requirements.MessageBound);
        }

        if (parameters.Primes.Count > 1)
            plan = plan.Rotate();
        if (requirements.FloodingBits > 0)
            plan = plan.SwitchToPublicKey(requirements.FloodingBits);
        return new PlannedParameters(parameters, scale, level, primesPerMultiplication, requirements, plan.Check(Math.ScaleB(1, -requirements.PrecisionBits)));
    }

    private static void Check(CkksRequirements requirements)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        if (requirements.Slots < 1 || requirements.Slots > LatticeParameters.MaximumDegree / 2)
            throw new ArgumentOutOfRangeException(nameof(requirements), requirements.Slots, $"A ciphertext has 1 to {LatticeParameters.MaximumDegree / 2} slots.");
        if (requirements.Depth is < 0 or > 40)
            throw new ArgumentOutOfRangeException(nameof(requirements), requirements.Depth, "The depth is 0 to 40.");
        if (requirements.PrecisionBits is < 1 or > 48)
            throw new ArgumentOutOfRangeException(nameof(requirements), requirements.PrecisionBits, "The precision is 1 to 48 bits.");
        if (requirements.Parties is < 1 or > PartySet.MaximumParties)
            throw new ArgumentOutOfRangeException(nameof(requirements), requirements.Parties, $"There are 1 to {PartySet.MaximumParties} parties.");
        if (requirements.FloodingBits != 0 && requirements.FloodingBits < Flooding.MinimumStatisticalBits)
            throw new ArgumentOutOfRangeException(nameof(requirements), requirements.FloodingBits, $"Flooding has {Flooding.MinimumStatisticalBits} bits or more, or is 0 for none.");
        NoisePlanner.CheckFigure(requirements.MessageBound, nameof(requirements));
    }

    /// <summary>The parameters with the smallest base for a scale, or none.</summary>
    private static PlannedParameters? Smallest(CkksRequirements requirements, int degree, int scaleBits, int smallestPrime)
    {
        var primesPerProduct = (scaleBits + MaximumScalePrimeBits - 1) / MaximumScalePrimeBits;
        var each = scaleBits / primesPerProduct;
        var scale = Math.ScaleB(1, each * primesPerProduct);
        if (each < smallestPrime)
            return null;

        // Message, its sign and a little of room; at least that, and at most two primes more for floods.
        var least = Math.Max(smallestPrime, (each * primesPerProduct) + (int)Math.Ceiling(Math.Log2(Math.Max(1, requirements.MessageBound))) + 2);
        for (var baseBits = least; baseBits <= least + (2 * NttPrimes.MaximumBits); baseBits++)
        {
            var basePrimes = (baseBits + NttPrimes.MaximumBits - 1) / NttPrimes.MaximumBits;
            var baseEach = (baseBits + basePrimes - 1) / basePrimes;
            var special = Math.Max(each + 1, baseEach);
            if ((basePrimes * baseEach) + (requirements.Depth * primesPerProduct * each) + special > LatticeParameters.MaximumModulusBits(degree))
                return null;
            try
            {
                var products = NttPrimes.Around(degree, requirements.Depth * primesPerProduct, each, []);
                var bases = NttPrimes.Below(degree, basePrimes + (special == baseEach ? 1 : 0), baseEach, products);
                ulong[] chain = special == baseEach
                    ? [.. bases[1..], .. products, bases[0]]
                    : [.. bases, .. products, NttPrimes.Below(degree, 1, special, [.. products, .. bases])[0]];
                return Judge(requirements, LatticeParameters.Create(degree, chain), scale, primesPerProduct);
            }
            catch (Exception exception) when (exception is NoiseBudgetException or ArgumentException)
            {
                // Not enough, or no such primes: the next base.
            }
        }

        return null;
    }
}

/// <summary>Parameters with the plan that they were found sufficient by. Immutable.</summary>
public sealed class PlannedParameters
{
    internal PlannedParameters(LatticeParameters parameters, double scale, int level, int primesPerMultiplication, CkksRequirements requirements, NoisePlan plan) =>
        (Parameters, Scale, Level, PrimesPerMultiplication, Requirements, Plan) = (parameters, scale, level, primesPerMultiplication, requirements, plan);

    /// <summary>The ring.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>Scale of the encryptions.</summary>
    public double Scale { get; }

    /// <summary>Level of the encryptions.</summary>
    public int Level { get; }

    /// <summary>How often a product is rescaled.</summary>
    public int PrimesPerMultiplication { get; }

    /// <summary>What was asked.</summary>
    public CkksRequirements Requirements { get; }

    /// <summary>The trial.</summary>
    public NoisePlan Plan { get; }

    /// <summary>The budget in words: what each prime is for, and every step with its noise.</summary>
    /// <returns>Lines without a final line break.</returns>
    public string Describe()
    {
        var primes = Parameters.Primes;
        var products = Requirements.Depth * PrimesPerMultiplication;
        var bases = Level + 1 - products;
        var sizes = string.Join(", ", primes.Select(prime => string.Create(CultureInfo.InvariantCulture, $"{Math.Log2(prime):F1}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Degree {Parameters.Degree}, {Parameters.Degree / 2} slots; primes of {sizes} bits, {Parameters.ModulusBits:F1} in all of {LatticeParameters.MaximumModulusBits(Parameters.Degree)} that 128-bit security allows: {bases} for the result, {products} for {Requirements.Depth} multiplications, the last for key switching. Encrypt at scale 2^{Math.Log2(Scale):F1}, level {Level}; rescale {PrimesPerMultiplication} times a multiplication. The result of {Requirements.Parties} parties has an error of {Plan.Error.StandardDeviation:G3} typically and {Plan.Error.WorstCase:G3} at worst, where 2^-{Requirements.PrecisionBits} is allowed.\n{Plan.Describe()}");
    }
}
