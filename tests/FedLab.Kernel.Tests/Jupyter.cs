namespace FedLab.Kernel.Tests;

/// <summary>The tests that run Jupyter and whole labs: one after the other, since several cells of theirs must be answered within a time.</summary>
[CollectionDefinition(Name)]
public sealed class Jupyter
{
    public const string Name = "Jupyter";
}
