using FedLab.Data;
using FedLab.Federation.Experiments;

namespace FedLab.Client.Plans;

/// <summary>One institution of a simulation: its name, its role, its file and how the file is read.</summary>
/// <param name="Name">Name of the party.</param>
/// <param name="Role">What it is in the experiment.</param>
/// <param name="Source">Its file and columns; the path is absolute.</param>
public sealed record PartyFile(string Name, PartyRole Role, DataSourceOptions Source);
