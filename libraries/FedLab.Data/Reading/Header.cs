using System.Text;
using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>What a column of a file is used for.</summary>
internal enum ColumnRole
{
    Feature,
    Key,
    Label,
    Fold,
    Excluded,
}

/// <summary>The header row: names and what each column is used for.</summary>
internal sealed class Header
{
    private Header(string[] names, ColumnRole[] roles)
    {
        Names = names;
        Roles = roles;
    }

    public string[] Names { get; }

    public ColumnRole[] Roles { get; }

    /// <summary>Reads the first row and finds the columns that the options name.</summary>
    /// <exception cref="DataFormatException">There is none, a name is empty or stands twice, or a named column is not there.</exception>
    public static Header Read(CsvReader reader, DataSourceOptions options)
    {
        if (!reader.Read()) throw new DataFormatException(Messages.FileEmpty(options.Path));
        if (reader.FieldCount > DataLimits.MaximumColumns)
            throw new DataFormatException(Messages.TooManyColumns(options.Path, reader.FieldCount, DataLimits.MaximumColumns));
        var context = new FieldContext(options.Path) { Line = reader.LineNumber };
        var names = new string[reader.FieldCount];
        for (var i = 0; i < names.Length; i++) names[i] = Encoding.UTF8.GetString(context.Field(reader, i)).Trim().Trim('\uFEFF');
        CheckNames(names, options);
        return new Header(names, AssignRoles(names, options));
    }

    private static void CheckNames(string[] names, DataSourceOptions options)
    {
        if (names is [var only] && only != options.KeyColumn && only.AsSpan().ContainsAny(";\t|，；"))
            throw new DataFormatException(Messages.OtherSeparator(options.Path, options.KeyColumn));
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i])) throw new DataFormatException(Messages.ColumnNameEmpty(options.Path, i + 1));
            if (!first.TryAdd(names[i], i))
                throw new DataFormatException(Messages.ColumnNameDuplicate(options.Path, names[i], first[names[i]] + 1, i + 1));
        }
    }

    private static ColumnRole[] AssignRoles(string[] names, DataSourceOptions options)
    {
        var roles = new ColumnRole[names.Length];
        Assign(options.KeyColumn, ColumnRole.Key);
        if (options.LabelColumn is not null) Assign(options.LabelColumn, ColumnRole.Label);
        if (options.FoldColumn is not null) Assign(options.FoldColumn, ColumnRole.Fold);
        foreach (var name in options.ExcludedColumns) Assign(name, ColumnRole.Excluded);
        foreach (var name in options.CategoricalColumns)
        {
            var role = roles[Find(name, Messages.RoleCategorical)];
            if (role != ColumnRole.Feature) throw Collision(name, role, Messages.RoleCategorical);
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
            var index = Array.IndexOf(names, name);
            return index >= 0 ? index : throw new DataFormatException(Messages.ColumnNotFound(options.Path, name, role, NearestName.Of(name, names)));
        }

        DataFormatException Collision(string name, ColumnRole first, string second) =>
            new(Messages.ColumnRolesCollide(options.Path, name, NameOf(first), second));
    }

    private static string NameOf(ColumnRole role) => role switch
    {
        ColumnRole.Key => Messages.RoleKey,
        ColumnRole.Label => Messages.RoleLabel,
        ColumnRole.Fold => Messages.RoleFold,
        _ => Messages.RoleExcluded,
    };
}
