"""What a hand does with the composer."""

from playwright.sync_api import Locator, Page, expect

from tests.factories import make_picture


def upload(page: Page, name: str, colour: str, into: str = "#composer-drop input") -> None:
    picture = make_picture(colour, (800, 600))
    page.locator(into).set_input_files({"name": name, "mimeType": "image/png", "buffer": picture})
    expect(page.locator("#composer-uploads progress")).to_have_count(0)


def paste(field: Locator, text: str) -> None:
    field.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            field.focus();
            const how = { clipboardData: data, bubbles: true, cancelable: true };
            const isFree = field.dispatchEvent(new ClipboardEvent("paste", how));
            if (isFree) document.execCommand("insertText", false, text);
        }""",
        text,
    )


def drag(page: Page, grip: Locator, onto: Locator) -> None:
    grip.hover()
    page.mouse.down()
    onto.hover()
    page.mouse.up()
