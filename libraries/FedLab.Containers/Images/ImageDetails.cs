namespace FedLab.Containers.Images;

/// <summary>What an engine knows of an image.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ImageDetails(string Id, long Bytes, IReadOnlyDictionary<string, string> Labels);
