namespace FedLab.Lattice.Noise;

/// <summary>A planned computation does not fit its parameters. The message says which step, by how many bits, and what to change.</summary>
public sealed class NoiseBudgetException : Exception
{
    internal NoiseBudgetException(string message, int step, double excessBits)
        : base(message) => (Step, ExcessBits) = (step, excessBits);

    /// <summary>The number of the step, from 1, as <see cref="NoisePlan.Describe"/> counts.</summary>
    public int Step { get; }

    /// <summary>By how many bits it exceeds what there is; infinite where no larger number of bits of the same kind would do.</summary>
    public double ExcessBits { get; }
}
