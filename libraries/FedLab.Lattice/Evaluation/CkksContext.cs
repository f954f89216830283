using System.Collections.Concurrent;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>CKKS over one ring: approximate arithmetic on N/2 complex or real slots (Cheon, Kim, Kim and Song, eprint 2016/421). Immutable and thread-safe.</summary>
/// <remarks>
/// <code>
/// primes of the ring    q_0   q_1   …   q_(L-1)  |  P
///                       └── level l: q_0 … q_l ─┘    └ key switching only
/// </code>
/// The last prime P is the special one of hybrid key switching (Gentry, Halevi and Smart, eprint 2012/099); the others are the data primes. A
/// ciphertext at level l holds residues modulo q_0 … q_l, in evaluation form, each in [0, q). A rescaling or a modulus switch drops
/// the last of them. A ring of one prime has level 0, no special prime and no key switching.
/// </remarks>
public sealed class CkksContext
{
    private readonly ConcurrentDictionary<int, int[]> _permutations = new();
    private readonly double[] _inverses;
    private readonly BufferPool[] _polynomials;

    /// <summary>Builds the tables of a ring.</summary>
    /// <param name="parameters">The ring; its last prime becomes the special one.</param>
    public CkksContext(LatticeParameters parameters)
        : this(new LatticeContext(parameters))
    {
    }

    /// <summary>Uses a ring whose tables exist.</summary>
    /// <param name="lattice">The ring; its last prime becomes the special one.</param>
    public CkksContext(LatticeContext lattice)
    {
        ArgumentNullException.ThrowIfNull(lattice);
        Lattice = lattice;
        var primes = lattice.Parameters.Primes;
        DataPrimes = Math.Max(1, primes.Count - 1);
        SpecialPrime = primes.Count > 1 ? primes[^1] : null;
        LevelModuli = new BigInteger[DataPrimes];
        for (var level = 0; level < DataPrimes; level++)
            LevelModuli[level] = (level == 0 ? BigInteger.One : LevelModuli[level - 1]) * primes[level];
        LevelModulus = [.. LevelModuli.Select(modulus => (double)modulus)];
        _inverses = new double[primes.Count * primes.Count];
        for (var i = 0; i < primes.Count; i++)
        {
            for (var j = 0; j < primes.Count; j++)
                _inverses[(i * primes.Count) + j] = i == j ? 0 : Balance(NttPrimes.Inverse(primes[i] % primes[j], primes[j]), primes[j]);
        }

        KeySwitchRows = new BufferPool(KeySwitcher.ScratchRows * Degree);
        _polynomials = [.. Enumerable.Range(1, CkksCiphertext.MaximumSize).Select(count => new BufferPool(count * DataPrimes * Degree))];
    }

    /// <summary>The ring with all its primes: the context of the secret and public keys.</summary>
    public LatticeContext Lattice { get; }

    /// <summary>N/2: complex or real numbers in one plaintext.</summary>
    public int SlotCount => Degree / 2;

    /// <summary>Level of a fresh ciphertext that keeps every data prime: how often it can be rescaled.</summary>
    public int MaximumLevel => DataPrimes - 1;

    /// <summary>Primes that hold data: all but the special one.</summary>
    public int DataPrimes { get; }

    /// <summary>The prime of key switching and public encryption, or none where the ring has a single prime.</summary>
    public ulong? SpecialPrime { get; }

    internal int Degree => Lattice.Degree;

    internal RingKernels Kernels => Lattice.Kernels;

    internal TransformTable[] Tables => Lattice.Tables;

    /// <summary>Index of the special prime among the ring's.</summary>
    internal int SpecialIndex => Tables.Length - 1;

    /// <summary>q_0·…·q_l at l.</summary>
    internal BigInteger[] LevelModuli { get; }

    /// <summary><see cref="LevelModuli"/>, rounded to a double.</summary>
    internal double[] LevelModulus { get; }

    /// <summary>Scratch of a key switch.</summary>
    internal BufferPool KeySwitchRows { get; }

    /// <summary>The Galois element that rotates the slots to the left: slot k takes the value of slot k + steps.</summary>
    /// <param name="steps">Positions; negative to the right.</param>
    /// <returns>3^steps modulo 2N.</returns>
    public int RotationElement(int steps)
    {
        var count = ((steps % SlotCount) + SlotCount) % SlotCount;
        return (int)NttPrimes.Power(3, (ulong)count, 2 * (ulong)Degree);
    }

    /// <summary>The Galois element that conjugates every slot: 2N - 1.</summary>
    public int ConjugationElement => (2 * Degree) - 1;

    /// <summary>q_<paramref name="of"/>^-1 modulo q_<paramref name="modulo"/>, balanced.</summary>
    internal double InverseOf(int of, int modulo) => _inverses[(of * Tables.Length) + modulo];

    /// <summary>Polynomials over the data primes, side by side.</summary>
    internal BufferPool Polynomials(int count) => _polynomials[count - 1];

    /// <summary>Which position of the evaluation form of f(X) is at each position of f(X^element): values at ψ^e move from ψ^(e·element).</summary>
    internal int[] Permutation(int element) =>
        _permutations.TryGetValue(element, out var known) ? known : _permutations.GetOrAdd(element, CreatePermutation(Degree, element));

    /// <summary>Refuses a Galois element that is even or outside 1 to 2N - 1.</summary>
    internal void CheckElement(int element)
    {
        if (element < 1 || element >= 2 * Degree || element % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(element), element, $"A Galois element is odd and between 1 and {(2 * Degree) - 1}; take it from RotationElement or ConjugationElement.");
    }

    /// <summary>Refuses a level that does not exist.</summary>
    internal void CheckLevel(int level)
    {
        if (level < 0 || level > MaximumLevel)
            throw new ArgumentOutOfRangeException(nameof(level), level, $"The {DataPrimes} data primes give levels 0 to {MaximumLevel}.");
    }

    /// <summary>Refuses a scale that is not a positive, normal number.</summary>
    internal static void CheckScale(double scale)
    {
        if (!double.IsNormal(scale) || scale < 0)
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale is a positive, normal number.");
    }

    /// <summary>Refuses a secret key of another ring or of several secrets.</summary>
    internal void CheckKey(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!ReferenceEquals(key.Context, Lattice))
            throw new ArgumentException("The secret key is of another ring: generate it from this context's Lattice.", nameof(key));
        if (key.Messages != 1)
            throw new ArgumentException($"The key has {key.Messages} secrets; CKKS takes a key of one.", nameof(key));
    }

    internal static double Balance(ulong residue, ulong prime) => residue > prime / 2 ? -(double)(prime - residue) : residue;

    private static int[] CreatePermutation(int degree, int element)
    {
        var logDegree = BitOperations.Log2((uint)degree);
        var permutation = new int[degree];
        for (var r = 0; r < degree; r++)
        {
            var exponent = (2 * TransformTable.ReverseBits(r, logDegree)) + 1;
            var source = (int)((long)exponent * element % (2 * degree));
            permutation[TransformTable.PositionOf(r)] = TransformTable.PositionOf(TransformTable.ReverseBits(source >> 1, logDegree));
        }

        return permutation;
    }
}
