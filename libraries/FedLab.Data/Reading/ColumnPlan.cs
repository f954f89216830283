using FedLab.Data.Connectors;

namespace FedLab.Data.Reading;

/// <summary>What a column of a source is used for.</summary>
internal enum ColumnRole
{
    Feature,
    Key,
    Label,
    Fold,
    Excluded,
}

/// <summary>What each column of a source is used for, and what its values are read as.</summary>
internal sealed class ColumnPlan
{
    private readonly DataSourceOptions _options;
    private readonly string _source;

    /// <summary>Finds the columns that the options name.</summary>
    /// <exception cref="DataFormatException">A name is empty or stands twice, or a named column is not there or cannot be what it is named as.</exception>
    public ColumnPlan(IReadOnlyList<SourceColumn> columns, DataSourceOptions options, string source)
    {
        (_options, _source, Columns) = (options, source, columns);
        if (columns.Count > DataLimits.MaximumColumns) throw new DataFormatException(Messages.TooManyColumns(source, columns.Count, DataLimits.MaximumColumns));
        Names = [.. columns.Select(column => column.Name)];
        CheckNames();
        Roles = AssignRoles();
    }

    public IReadOnlyList<SourceColumn> Columns { get; }

    public string[] Names { get; }

    public ColumnRole[] Roles { get; }

    /// <summary>The label's mapping to true and false.</summary>
    public bool LabelFromWords => _options.LabelColumn is { } label && _options.Mappings.ContainsKey(label);

    /// <summary>What collects a feature.</summary>
    /// <param name="index">Its column.</param>
    /// <param name="categorical">Whether it is to be read as text.</param>
    /// <exception cref="DataFormatException">The source's type cannot be read without a mapping, or not at all.</exception>
    public FeatureBuilder CreateBuilder(int index, bool categorical)
    {
        var column = Columns[index];
        var mapping = _options.Mappings.GetValueOrDefault(column.Name);
        var codes = new MissingCodes(mapping?.Missing ?? []);
        if (column.Type == SourceType.Other) throw new DataFormatException(Messages.TypeUnreadable(_source, column.Name, column.TypeName));
        var isDate = column.Type is SourceType.Date or SourceType.Timestamp;
        switch (mapping?.Type ?? (categorical ? ColumnType.Category : null))
        {
            case ColumnType.Category:
                return new CategoryFeature(column.Name, codes);
            case ColumnType.Date when isDate:
                return new NumberFeature(column.Name, ColumnType.Date, mapping?.Format, codes, CellForm.Natural);
            case ColumnType.Date when column.Type == SourceType.Boolean || (column.Type == SourceType.Number && mapping?.Format is null):
                throw new DataFormatException(Messages.DateNeedsFormat(_source, column.Name, column.TypeName));
            case ColumnType.Date:
                return new NumberFeature(column.Name, ColumnType.Date, mapping?.Format, codes, CellForm.Text);
            case { } type when !isDate:
                return new NumberFeature(column.Name, type, format: null, codes, CellForm.Natural);
            case null when column.Type == SourceType.Untyped:
                return new InferredFeature(column.Name, codes);
            case null when column.Type == SourceType.Text:
                return new CategoryFeature(column.Name, codes);
            case null when !isDate:
                return new NumberFeature(column.Name, column.Type == SourceType.Boolean ? ColumnType.Boolean : ColumnType.Number, format: null, codes, CellForm.Natural);
            default:
                throw new DataFormatException(Messages.DateUnmapped(_source, column.Name, column.TypeName));
        }
    }

    /// <summary>What the numbers of a feature are.</summary>
    public ColumnUse NumberUse(int index) => (_options.Mappings.GetValueOrDefault(Names[index])?.Type, Columns[index].Type) switch
    {
        (ColumnType.Date, _) => ColumnUse.Date,
        (ColumnType.Boolean, _) or (null, SourceType.Boolean) => ColumnUse.Boolean,
        _ => ColumnUse.Number,
    };

    private void CheckNames()
    {
        if (Names is [var only] && Columns[0].Type == SourceType.Untyped && only != _options.KeyColumn && only.AsSpan().ContainsAny(";\t|，；"))
            throw new DataFormatException(Messages.OtherSeparator(_source, _options.KeyColumn));
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Names.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(Names[i])) throw new DataFormatException(Messages.ColumnNameEmpty(_source, i + 1));
            if (!first.TryAdd(Names[i], i))
                throw new DataFormatException(Messages.ColumnNameDuplicate(_source, Names[i], first[Names[i]] + 1, i + 1));
        }
    }

    private ColumnRole[] AssignRoles()
    {
        var roles = new ColumnRole[Names.Length];
        Assign(_options.KeyColumn, ColumnRole.Key);
        if (_options.LabelColumn is not null) Assign(_options.LabelColumn, ColumnRole.Label);
        if (_options.FoldColumn is not null) Assign(_options.FoldColumn, ColumnRole.Fold);
        foreach (var name in _options.ExcludedColumns) Assign(name, ColumnRole.Excluded);
        foreach (var name in _options.CategoricalColumns)
        {
            var role = roles[Find(name, Messages.RoleCategorical)];
            if (role != ColumnRole.Feature) throw Collision(name, role, Messages.RoleCategorical);
            if (_options.Mappings.GetValueOrDefault(name)?.Type is not (null or ColumnType.Category)) throw new DataFormatException(Messages.ColumnRolesCollide(_source, name, Messages.RoleCategorical, Messages.RoleMapped));
        }

        foreach (var (name, mapping) in _options.Mappings)
        {
            var role = roles[Find(name, Messages.RoleMapped)];
            if (role == ColumnRole.Feature) continue;
            if (role != ColumnRole.Label || mapping is not { Type: ColumnType.Boolean, Missing: [] }) throw Collision(name, role, Messages.RoleMapped);
        }

        for (var i = 0; i < roles.Length; i++)
        {
            // Keys and folds are texts, labels 0 and 1; there is nothing to read from the rest.
            if (roles[i] is ColumnRole.Key or ColumnRole.Fold or ColumnRole.Label && Columns[i].Type == SourceType.Other) throw new DataFormatException(Messages.TypeUnreadable(_source, Names[i], Columns[i].TypeName));
        }

        return roles;

        void Assign(string name, ColumnRole role)
        {
            var index = Find(name, NameOf(role));
            if (roles[index] != ColumnRole.Feature && roles[index] != role) throw Collision(name, roles[index], NameOf(role));
            roles[index] = role;
        }

        int Find(string name, string role)
        {
            var index = Array.IndexOf(Names, name);
            return index >= 0 ? index : throw new DataFormatException(Messages.ColumnNotFound(_source, name, role, Names));
        }

        DataFormatException Collision(string name, ColumnRole first, string second) =>
            new(Messages.ColumnRolesCollide(_source, name, NameOf(first), second));
    }

    private static string NameOf(ColumnRole role) => role switch
    {
        ColumnRole.Key => Messages.RoleKey,
        ColumnRole.Label => Messages.RoleLabel,
        ColumnRole.Fold => Messages.RoleFold,
        _ => Messages.RoleExcluded,
    };
}
