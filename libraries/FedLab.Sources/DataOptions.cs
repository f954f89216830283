using FedLab.Data;
using FedLab.Federation.Remote;

namespace FedLab.Sources;

/// <summary>What to read, a file, an SQLite database or a PostgreSQL server, and what its columns are.</summary>
public sealed record DataOptions
{
    /// <summary>Names of the key formats in the configuration.</summary>
    public static IReadOnlyDictionary<string, KeyFormat?> Formats { get; } = new SortedDictionary<string, KeyFormat?>(StringComparer.Ordinal)
    {
        ["auto"] = null,
        ["text"] = Data.KeyFormat.Text,
        ["uscc"] = Data.KeyFormat.UnifiedSocialCreditCode,
    };

    /// <summary>The file: CSV, plain or gzipped; relative to the home folder.</summary>
    public string? Path { get; init; }

    /// <summary>An SQLite database.</summary>
    public SqliteSource? Sqlite { get; init; }

    /// <summary>A PostgreSQL server.</summary>
    public PostgresSource? Postgres { get; init; }

    /// <summary>Column with the key.</summary>
    public required string Key { get; init; }

    /// <summary>Column with the outcome; the active party's only.</summary>
    public string? Label { get; init; }

    /// <summary>Column whose value 1 marks test rows.</summary>
    public string? Fold { get; init; }

    /// <summary>Columns that are categories although they look like numbers.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>auto, text or uscc.</summary>
    public string KeyFormat { get; init; } = "auto";

    /// <summary>Columns that are not read.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Types, formats and special codes of single columns.</summary>
    public IReadOnlyDictionary<string, ColumnSource> Columns { get; init; } = new Dictionary<string, ColumnSource>();

    /// <summary>Whether the rows are put into the order of their keys; null: those of a database are, those of a file stay as they stand.</summary>
    public bool? SortByKey { get; init; }

    /// <summary>Checks every field.</summary>
    /// <param name="invalid">Makes the error for a field and what is wrong with it.</param>
    public void Check(Func<string, string, ConfigurationException> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        object?[] sources = [Path, Sqlite, Postgres];
        if (sources.Count(source => source is not null) != 1) throw invalid("data", Messages.MustHaveOneSource);
        if (Path is { Length: 0 }) throw invalid("data.path", Messages.MustNotBeEmpty);
        if (Key.Length == 0) throw invalid("data.key", Messages.MustNotBeEmpty);
        if (!Formats.ContainsKey(KeyFormat)) throw invalid("data.keyFormat", Messages.MustBeOneOf(KeyFormat, string.Join(", ", Formats.Keys)));
        Sqlite?.Check("data.sqlite", invalid);
        Postgres?.Check("data.postgres", invalid);
        // JSON may have null in a list or a map.
        foreach (var (name, columns) in ((string, IReadOnlyList<string?>)[])[("categorical", Categorical), ("exclude", Exclude)])
        {
            if (columns.Contains(null)) throw invalid($"data.{name}", Messages.MustNotBeEmpty);
        }
        foreach (var (name, column) in (IEnumerable<KeyValuePair<string, ColumnSource?>>)Columns)
        {
            var field = $"data.columns.{name}";
            (column ?? throw invalid(field, Messages.MustNotBeEmpty)).Check(field, invalid);
        }
    }

    /// <summary>What the reader is told. Opens nothing, but reads the password.</summary>
    /// <param name="folder">The folder that paths are relative to.</param>
    /// <param name="configuration">The configuration's file, for messages.</param>
    /// <exception cref="ConfigurationException">The password is not where the configuration says.</exception>
    public DataSourceOptions ToSource(string folder, string configuration) => new()
    {
        Path = Path is null ? "" : System.IO.Path.GetFullPath(Path, folder),
        Connector = Sqlite is not null ? Sqlite.Connect(folder) : Postgres?.Connect(folder, configuration),
        KeyColumn = Key,
        LabelColumn = Label,
        FoldColumn = Fold,
        CategoricalColumns = Categorical,
        KeyFormat = Formats[KeyFormat],
        ExcludedColumns = Exclude,
        Mappings = Columns.ToDictionary(column => column.Key, column => column.Value.ToMapping(), StringComparer.Ordinal),
        SortByKey = SortByKey ?? Path is null,
    };
}
