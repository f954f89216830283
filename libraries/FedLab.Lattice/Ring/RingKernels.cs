using FedLab.Lattice.Encoding;

namespace FedLab.Lattice.Ring;

/// <summary>The inner loops on residues modulo one prime. One implementation for each vector width, all with the same bits.</summary>
/// <remarks>Pointers are to N doubles unless said otherwise; "balanced" means an integer within ±p/2 (±1), "canonical" one in [0, p).</remarks>
internal abstract unsafe class RingKernels
{
    public static RingKernels For(VectorPath path) => path switch
    {
        VectorPath.Vector512 => new RingKernels<Lanes512, System.Runtime.Intrinsics.Vector512<double>>(),
        VectorPath.Vector256 => new RingKernels<Lanes256, System.Runtime.Intrinsics.Vector256<double>>(),
        _ => new RingKernels<LanesScalar, double>(),
    };

    /// <summary>Coefficients within ±p to balanced evaluations. <paramref name="source"/> may be <paramref name="destination"/>.</summary>
    public abstract void Forward(TransformTable table, double* source, double* destination);

    /// <summary>Evaluations within ±p to balanced coefficients, in place.</summary>
    public abstract void Inverse(TransformTable table, double* values);

    /// <summary>Integers within ±2^53 to balanced residues.</summary>
    public abstract void Reduce(double modulus, double inverse, double* source, double* destination, int count);

    /// <summary>
    /// <c>sum0 += plaintext*first; sum1 += plaintext*second</c>; factors within ±p. With <paramref name="reduce"/> the sums come
    /// out balanced, without it they grow by at most 3p/4.
    /// </summary>
    public abstract void MultiplyAccumulate(
        double modulus,
        double inverse,
        double* plaintext,
        double* first,
        double* second,
        double* sum0,
        double* sum1,
        int count,
        bool reduce);

    /// <summary><c>sum += plaintext*factor</c>, as the kernel for two.</summary>
    public abstract void MultiplyAccumulate(double modulus, double inverse, double* plaintext, double* factor, double* sum, int count, bool reduce);

    /// <summary><c>minuend - left*right</c>, canonical; all within ±p.</summary>
    public abstract void SubtractProduct(double modulus, double inverse, double* minuend, double* left, double* right, double* destination, int count);

    /// <summary><c>high*highFactor + low*lowFactor</c> within ±2p; integers within ±2^53, factors within ±p/2.</summary>
    public abstract void CombineHalves(
        double modulus,
        double inverse,
        double* high,
        double highFactor,
        double* low,
        double lowFactor,
        double* destination,
        int count);

    /// <summary>Adds integers to residues within ±p/2: the sum stays below 2^53.</summary>
    public abstract void Add(double* values, double* addends, int count);

    /// <summary>
    /// One prime's part of a switch from Q to 2^x, x at most 52: with y = residue*factor mod p, balanced, adds y*2^x/p, rounded,
    /// to <paramref name="whole"/> modulo 2^x and the exact remainder over p to <paramref name="fraction"/>.
    /// Residues within ±p, factor within ±p/2.
    /// </summary>
    public abstract void AddScaledToPowerOfTwo(
        double modulus,
        double inverse,
        double* residues,
        double factor,
        double power,
        double* whole,
        double* fraction,
        int count);

    /// <summary>Ends the switch: <c>whole + round(fraction)</c> in [0, 2^x).</summary>
    public abstract void RoundToPowerOfTwo(double power, double* whole, double* fraction, int count);

    /// <summary>Whether all are integers below <paramref name="bound"/> (at most 2^50) in magnitude.</summary>
    public abstract bool AreIntegersBelow(double bound, double* values, int count);

    // Modular arithmetic on canonical residues: results in [0, p).

    /// <summary>Integers within ±p, at least one above -p, to [0, p) by adding p where negative.</summary>
    public abstract void Canonicalise(double modulus, double* source, double* destination, int count);

    /// <summary>Balanced integers within ±(p/2 + 1) to exactly [-(p-1)/2, (p-1)/2].</summary>
    public abstract void Centre(double modulus, double* source, double* destination, int count);

    /// <summary><c>left + right</c> modulo p; both in [0, p).</summary>
    public abstract void AddModular(double modulus, double* left, double* right, double* destination, int count);

    /// <summary><c>left - right</c> modulo p; both in [0, p).</summary>
    public abstract void SubtractModular(double modulus, double* left, double* right, double* destination, int count);

    /// <summary><c>left·right</c> modulo p; both within ±p.</summary>
    public abstract void MultiplyModular(double modulus, double inverse, double* left, double* right, double* destination, int count);

    /// <summary><c>addend + left·right</c> modulo p; all within ±p.</summary>
    public abstract void MultiplyAddModular(double modulus, double inverse, double* addend, double* left, double* right, double* destination, int count);

    /// <summary><c>addend + value·factor</c> modulo p; integers within ±p, the factor within ±p/2.</summary>
    public abstract void AddScaled(double modulus, double inverse, double* addend, double* values, double factor, double* destination, int count);

    /// <summary><c>(minuend - subtrahend)·factor</c> modulo p; both within ±p, the factor within ±p/2.</summary>
    public abstract void SubtractScaled(double modulus, double inverse, double* minuend, double* subtrahend, double factor, double* destination, int count);

    /// <summary><c>value·factor</c> modulo p; integers within ±p, the factor within ±p/2.</summary>
    public abstract void ScaleModular(double modulus, double inverse, double* values, double factor, double* destination, int count);

    /// <summary><c>value + constant</c> modulo p; both in [0, p).</summary>
    public abstract void AddConstant(double modulus, double* values, double constant, double* destination, int count);

    /// <summary>The product of (a0, a1) and (b0, b1) as polynomials in s: <c>a0·b0, a0·b1 + a1·b0, a1·b1</c> modulo p; all within ±p.</summary>
    public abstract void Tensor(
        double modulus,
        double inverse,
        double* a0,
        double* a1,
        double* b0,
        double* b1,
        double* product0,
        double* product1,
        double* product2,
        int count);

    /// <summary>
    /// <c>sum0 += Σ factor_i·first_i, sum1 += Σ factor_i·second_i</c>: factors in rows of N, the first of each pair <paramref name="stride"/> after that of
    /// the pair before, the second <paramref name="offset"/> after the first. Factors balanced, the rest within ±p; the sums grow by at most 3p/4 a product,
    /// from zero if not <paramref name="accumulate"/>, and come out balanced with <paramref name="reduce"/>.
    /// </summary>
    public abstract void InnerProduct(
        double modulus,
        double inverse,
        double* factors,
        double* pairs,
        long stride,
        long offset,
        int pairCount,
        double* sum0,
        double* sum1,
        int count,
        bool accumulate,
        bool reduce);

    // The canonical embedding and its coefficients.

    /// <summary>f_j + i·f_(j+M) to the values of f, in place; M real and M imaginary parts.</summary>
    public abstract void Embed(EmbeddingTable table, double* real, double* imaginary);

    /// <summary>Values to M times the coefficients: the inverse of <see cref="Embed"/> but for that factor.</summary>
    public abstract void Unembed(EmbeddingTable table, double* real, double* imaginary);

    /// <summary>
    /// round(source·factor) = high·2^48 + low, exact for products below 2^98; returns the largest magnitude of a product, NaN where one is
    /// not finite.
    /// </summary>
    public abstract double SplitScaled(double factor, double* source, double* high, double* low, int count);

    /// <summary><c>high·highFactor + low</c> modulo p, balanced; highs within ±2^51, lows within ±2^48, the factor within ±p/2.</summary>
    public abstract void ReduceSplit(double modulus, double inverse, double* high, double* low, double highFactor, double* destination, int count);

    /// <summary>
    /// Garner's algorithm, one digit: of rows with <paramref name="stride"/>, those before <paramref name="digit"/> hold balanced digits and this one
    /// balanced residues; <paramref name="inverses"/> the inverses of the earlier primes modulo this one, balanced. In place.
    /// </summary>
    public abstract void MixedRadixDigit(double modulus, double inverse, double* digits, long stride, double* inverses, int digit, int count);

    /// <summary>
    /// v_0 + p_0·(v_1 + p_1·(v_2 + …)) rounded to a double. Balanced digits make the integer of least magnitude, and two digits
    /// cancel at most one bit, so the relative error stays below 2^-50.
    /// </summary>
    public abstract void EvaluateMixedRadix(double* digits, long stride, double* moduli, int digitCount, double* destination, int count);
}
