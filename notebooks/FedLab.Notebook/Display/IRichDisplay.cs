namespace FedLab.Notebook.Display;

/// <summary>A value that says itself how a notebook shows it, as a table or a picture instead of its <see cref="object.ToString"/>.</summary>
public interface IRichDisplay
{
    /// <summary>The value's forms, the richest that a notebook knows is shown; in the language of <see cref="System.Globalization.CultureInfo.CurrentUICulture"/>.</summary>
    /// <returns>At least a form in <see cref="MimeBundle.Text"/>, for terminals and search.</returns>
    MimeBundle ToMimeBundle();
}
