namespace FedLab.Lattice.Noise;

/// <summary>Where the numbers of a planned ciphertext stand.</summary>
public enum MessageEncoding
{
    /// <summary>In the N/2 complex or real slots of CKKS.</summary>
    Slots = 0,

    /// <summary>In the coefficients: after an extraction or a packing, or under integer encoding.</summary>
    Coefficients = 1,
}
