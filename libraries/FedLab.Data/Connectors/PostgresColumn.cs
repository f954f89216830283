using Npgsql.PostgresTypes;

namespace FedLab.Data.Connectors;

/// <summary>How the values of a type are sent in binary.</summary>
internal enum PostgresWire
{
    Unreadable,
    Boolean,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Uuid,
    Date,
    Timestamp,
    TimestampInUtc,
}

/// <summary>A column of a table or query with what is needed to read its values.</summary>
internal sealed record PostgresColumn(SourceColumn Source, PostgresWire Wire)
{
    /// <param name="name">The column's name.</param>
    /// <param name="type">Object identifier of its type (pg_type.dat).</param>
    /// <param name="known">What the driver knows about the type.</param>
    /// <param name="typeName">The type for people.</param>
    public static PostgresColumn Of(string name, uint type, PostgresType known, string typeName)
    {
        var wire = type switch
        {
            16 => PostgresWire.Boolean,
            20 => PostgresWire.Int8,
            21 => PostgresWire.Int2,
            23 => PostgresWire.Int4,
            26 => PostgresWire.Oid,
            700 => PostgresWire.Float4,
            701 => PostgresWire.Float8,
            1700 => PostgresWire.Numeric,
            18 or 19 or 25 or 1042 or 1043 => PostgresWire.Text, // "char", name, text, character, character varying
            1082 => PostgresWire.Date,
            1114 => PostgresWire.Timestamp,
            1184 => PostgresWire.TimestampInUtc,
            2950 => PostgresWire.Uuid,
            _ when known is PostgresEnumType || known.Name == "citext" => PostgresWire.Text,
            _ => PostgresWire.Unreadable,
        };
        var meaning = wire switch
        {
            PostgresWire.Unreadable => SourceType.Other,
            PostgresWire.Boolean => SourceType.Boolean,
            PostgresWire.Text or PostgresWire.Uuid => SourceType.Text,
            PostgresWire.Date => SourceType.Date,
            PostgresWire.Timestamp or PostgresWire.TimestampInUtc => SourceType.Timestamp,
            _ => SourceType.Number,
        };
        return new PostgresColumn(new SourceColumn(name, meaning, typeName), wire);
    }
}
