namespace FedLab.Lattice.Noise;

/// <summary>Noise of one coefficient, in units of the ciphertext's integers, or the error of one decrypted number.</summary>
/// <param name="StandardDeviation">What is measured over many keys.</param>
/// <param name="WorstCase">A magnitude that any coefficient of a polynomial exceeds with probability below 2^-39.</param>
public readonly record struct NoiseEstimate(double StandardDeviation, double WorstCase);
