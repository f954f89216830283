namespace FedLab.Lattice;

/// <summary>Bytes that claim to be a lattice object are not one: wrong length, a residue outside its prime, an unknown version.</summary>
/// <param name="message">What was wrong and what was expected, in the reader's language.</param>
public sealed class LatticeFormatException(string message) : Exception(message);
