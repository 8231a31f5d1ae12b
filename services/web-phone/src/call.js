// The call page: whom to call may stand in its address, `?to=sales`.

const to = new URLSearchParams(location.search).get("to");
if (to) document.querySelector("call-button").setAttribute("to", to);
