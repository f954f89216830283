namespace FedLab.Learning;

/// <summary>One holder's training rows.</summary>
/// <param name="Features">The columns of the data dictionary, in its order (<see cref="FeatureDefinition.Conform"/>); may have no row.</param>
/// <param name="Labels">0 or 1 for every row.</param>
public sealed record LogisticProblem(Table Features, ReadOnlyMemory<byte> Labels);
