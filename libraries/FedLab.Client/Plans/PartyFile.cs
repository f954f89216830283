using FedLab.Data;
using FedLab.Federation.Experiments;

namespace FedLab.Client.Plans;

/// <summary>One institution of a simulation: its name, its role, its file and how the file is read.</summary>
/// <param name="Name">Name of the party.</param>
/// <param name="Role">What it is in the experiment.</param>
/// <param name="Source">Its file and columns; the path is absolute.</param>
/// <param name="Description">What its catalogue says of it beside the columns' names and kinds; null for nothing.</param>
public sealed record PartyFile(string Name, PartyRole Role, DataSourceOptions Source, PartyDescription? Description = null);

/// <summary>What an institution's catalogue says of it.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="TitleZh">The same in Chinese; may be empty.</param>
/// <param name="Columns">What its columns are, by name.</param>
public sealed record PartyDescription(string Title, string TitleZh, IReadOnlyDictionary<string, ColumnDescription> Columns);

/// <summary>What a catalogue says of a column.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="TitleZh">The same in Chinese; may be empty.</param>
/// <param name="Unit">Unit of its values; may be empty.</param>
public sealed record ColumnDescription(string Title, string TitleZh, string Unit);
